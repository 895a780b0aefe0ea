// Where the nodes of the graph lie: springs along the links, repulsion between nodes, the same for the same graph.

/** Positions in a field `wide` times as wide as high are worked out a few steps at a time by `step(budgetMs)`, which tells whether there is more to do. */
function layoutOf(nodes, links, wide) {
  const near = nodes.map(() => []);
  for (const { from, to } of links) {
    near[from].push(to);
    near[to].push(from);
  }
  const golden = Math.PI * (3 - Math.sqrt(5));
  const order = nodes.map((_, at) => at).sort((one, other) => near[other].length - near[one].length || one - other);
  order.forEach((at, rank) => {
    const far = 14 * Math.sqrt(rank + 0.5);
    Object.assign(nodes[at], { x: far * Math.cos(rank * golden), y: far * Math.sin(rank * golden), dx: 0, dy: 0 });
  });
  const rounds = nodes.length > 500 ? 140 : 240;
  let round = 0;

  function turn() {
    const heat = 1 - round / rounds;
    for (let one = 0; one < nodes.length; one += 1) {
      const a = nodes[one];
      for (let other = one + 1; other < nodes.length; other += 1) {
        const b = nodes[other];
        const x = a.x - b.x;
        const y = a.y - b.y;
        const square = x * x + y * y + 0.5;
        if (square > 90_000) continue;
        const push = 620 / square;
        a.dx += x * push;
        a.dy += y * push;
        b.dx -= x * push;
        b.dy -= y * push;
      }
    }
    for (const { from, to } of links) {
      const a = nodes[from];
      const b = nodes[to];
      const pull = 0.032 / Math.sqrt(Math.min(near[from].length, near[to].length));
      const x = (b.x - a.x) * pull;
      const y = (b.y - a.y) * pull;
      a.dx += x;
      a.dy += y;
      b.dx -= x;
      b.dy -= y;
    }
    const most = 1 + 24 * heat;
    for (const node of nodes) {
      node.dx -= (node.x * 0.006) / Math.max(1, wide);
      node.dy -= node.y * 0.006 * Math.max(1, wide);
      const far = Math.hypot(node.dx, node.dy) || 1;
      const by = Math.min(far, most) / far;
      node.x += node.dx * by;
      node.y += node.dy * by;
      node.dx *= 0.5;
      node.dy *= 0.5;
    }
    round += 1;
  }

  return {
    near,
    step(budgetMs) {
      const ends = performance.now() + budgetMs;
      do turn();
      while (round < rounds && performance.now() < ends);
      return round < rounds;
    },
  };
}
