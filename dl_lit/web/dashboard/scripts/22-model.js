// The language model: what was asked of it, what of its words was taken, what that cost. Not there where none is set.

const dollars = (amount) => (amount >= 0.1 || !amount ? `$${amount.toFixed(2)}` : amount >= 0.01 ? `$${amount.toFixed(4)}` : `$${Number(amount.toPrecision(2))}`);

function showModel(status) {
  const model = status.language;
  show(byId("model"), Boolean(model));
  if (!model) return;
  setText(byId("h-model"), `Language model: ${model.model}`);
  const use = model.process?.use;
  showFacts(byId("model-facts"), modelFacts(model, use));
  setText(byId("model-note"), modelNotes(model, use).join(" · "));
}

function modelFacts(model, use) {
  const money = model.dollars_per_day !== null ? `${dollars(model.dollars_today)} of ${dollars(model.dollars_per_day)}` : model.dollars_today ? dollars(model.dollars_today) : "";
  const budget = model.requests_per_day !== null ? `of ${count(model.requests_per_day)}` : "";
  const facts = [["requests today", model.requests_today, model.is_budget_gone ? `budget gone, renewed ${until(model.renewed_at)}` : [budget, money].filter(Boolean).join(" · ")]];
  if (!use) return facts;
  facts.push(["under way", use.in_flight, `at most ${count(use.most_in_flight)} at once`]);
  if (use.requests) facts.push(["a request takes", `${use.latency_mean_s.toFixed(1)} s`, `95 % within ${use.latency_p95_s.toFixed(1)} s`]);
  facts.push(["entries taken", use.entries, use.invented ? `${count(use.invented)} not in print, refused` : "each stands in print"]);
  if (use.prompt_cache_rate !== null) facts.push(["prompt cache", percent(use.prompt_cache_rate), `${count(use.tokens.input)} tokens in, ${count(use.tokens.output)} out`]);
  if (use.tokens.cost) facts.push(["cost", dollars(use.tokens.cost), use.cost_per_entry !== null ? `${dollars(use.cost_per_entry)} an entry` : ""]);
  return facts;
}

/** What is not well, or merely good to know. */
function modelNotes(model, use) {
  const notes = model.trouble ? [model.trouble] : [];
  if (use?.key_trouble) notes.push(`it does not take the key: ${use.key_trouble}`);
  for (const [address, why] of Object.entries(use?.at_rest || {})) notes.push(`${address} is left alone: ${why}`);
  if (use?.remembered) notes.push(`${count(use.remembered)} answered from memory`);
  if (use?.rate_limited) notes.push(plural(use.rate_limited, "rate limit"));
  if (use?.retries) notes.push(plural(use.retries, "retry", "retries"));
  if (use?.breaker_trips) notes.push(plural(use.breaker_trips, "breaker trip"));
  if (use?.order_violations) notes.push(`${plural(use.order_violations, "answer")} out of order`);
  for (const [why, number] of Object.entries(use?.troubles || {})) notes.push(`${count(number)} without an answer: ${why}`);
  for (const [work, one] of Object.entries(model.process?.sections || {})) if (one.running || one.waiting) notes.push(`${work}: ${one.running} of ${one.limit}${one.waiting ? `, ${one.waiting} wait` : ""}`);
  if (model.remote_files) notes.push(`${plural(model.remote_files, "file")} at the provider's`);
  return notes;
}
