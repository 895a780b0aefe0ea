"""What models took and what was uploaded to them, in a file that all dl_lit processes of the machine share."""
