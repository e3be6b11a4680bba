// The checker for the page. `check(source, question, tell)` searches in a worker where one can start, and else in slices
// beside the page: a frame without an origin of its own may have no worker. The worker runs this same file.
const address = (name) => new URL(name, import.meta.url).href;
const inWorker = typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope;
// A worker looks up now and then to hear whether it is to stop; the page must draw its frames.
const SLICE_MS = inWorker ? 100 : 10;

async function program() {
  const module = await import(address("worker.js"));
  await module.default({ module_or_path: address("worker_bg.wasm") });
  return module;
}

/** A search, slice by slice; what there is to tell goes to `tell`, the answer or an error last. */
class Slices {
  constructor({ Check, Ahead, Rounds, valence, adversary }, { source, question, order }, tell) {
    const asked = typeof question === "string" ? question : JSON.stringify(question);
    if (order === "valence" || order === "adversary") {
      // Short enough to be answered in one go.
      const answer = order === "valence" ? JSON.parse(valence(source, asked)) : { link: adversary(source, Number(asked)) };
      tell({ answer });
      return;
    }
    this.check = new { check: Check, ahead: Ahead, rounds: Rounds }[order](source, asked);
    this.tell = tell;
    this.budget = 64;
    this.ms = 0;
    this.paused = false;
    this.turn();
  }

  turn() {
    if (this.paused || !this.check) return;
    const start = performance.now();
    let more = true;
    let now = start;
    while (more && now - start < SLICE_MS) {
      more = this.check.run(this.budget);
      const took = performance.now() - now;
      now += took;
      // Several looks at the clock in a slice, but not thousands.
      if (took < SLICE_MS / 16) this.budget = Math.min(this.budget * 2, 1 << 20);
      if (took > SLICE_MS / 4) this.budget = Math.max(this.budget >> 1, 1);
    }
    this.ms += now - start;
    if (this.check.progress) this.count();
    // Of the others, what is known so far.
    else if (more) this.tell({ progress: JSON.parse(this.check.answer()) });
    if (more) {
      setTimeout(() => this.turn());
    } else {
      this.tell({ answer: JSON.parse(this.check.answer()) });
      this.stop();
    }
  }

  count() {
    const [generated, distinct, depth, waiting, bytes] = this.check.progress();
    const rate = this.ms > 0 ? (generated / this.ms) * 1000 : 0;
    this.tell({ progress: { generated, distinct, depth, waiting, bytes, rate: Math.round(rate), ms: Math.round(this.ms) } });
  }

  pause() {
    this.paused = true;
  }

  resume() {
    if (this.paused) {
      this.paused = false;
      this.turn();
    }
  }

  stop() {
    this.check?.free();
    this.check = undefined;
  }
}

/** In a worker: one search at a time, by messages. */
async function serve() {
  let search;
  const module = await program();
  self.onmessage = ({ data: [order, question] }) => {
    const tell = (what) => postMessage({ ...what, number: question?.number });
    try {
      if (order !== "start") return search?.[order]();
      search?.stop();
      search = undefined;
      search = new Slices(module, question, tell);
    } catch (error) {
      tell({ error: error.message });
    }
  };
  // What was sent before there was anyone to hear it is lost: nothing is sent before this.
  postMessage({ ready: true });
}

/**
 * Somebody to ask one question after the other; `tell` hears what is found, as [`check`] says. The result can
 * `ask({ source, question, order })`, which ends what was asked before, `pause()`, `resume()` and `stop()`, after which
 * nothing more is told.
 */
export function asker(tell) {
  let module;
  let search;
  let worker;
  let number = 0;
  let stopped = false;
  const queue = [];
  const hear = ({ number: asked, ...what }) => stopped || asked !== number || tell(what);

  const beside = ([order, question]) => {
    try {
      if (order !== "start") return search?.[order]();
      search?.stop();
      search = undefined;
      search = new Slices(module, question, (what) => hear({ ...what, number: question.number }));
    } catch (error) {
      hear({ error: error.message, number: question.number });
    }
  };
  const say = (...what) => (worker ? worker.postMessage(what) : module ? beside(what) : queue.push(what));
  const begin = () => queue.splice(0).forEach((what) => say(...what));
  const withoutWorker = async () => {
    try {
      module = await program();
      if (!stopped) begin();
    } catch (error) {
      hear({ error: error.message, number });
    }
  };
  const start = () => {
    const young = new Worker(address("checker.js"), { type: "module" });
    young.onerror = (event) => {
      event.preventDefault();
      young.terminate();
      if (worker) hear({ error: event.message || "the checker has crashed", number });
      else if (!stopped) withoutWorker();
    };
    young.onmessage = ({ data }) => {
      if (stopped) young.terminate();
      else if (!data.ready) hear(data);
      else {
        worker = young;
        begin();
      }
    };
  };
  try {
    start();
  } catch {
    withoutWorker();
  }
  return {
    ask: (question) => say("start", { ...question, number: (number += 1) }),
    pause: () => say("pause"),
    resume: () => say("resume"),
    stop: () => {
      stopped = true;
      worker?.terminate();
      search?.stop();
    },
  };
}

/** A scenario file as a link, of any length. An error says what is wrong with the file. */
export async function read(file) {
  const { linkOf } = await program();
  return linkOf(file);
}

/**
 * Asks `question` (the fields of `src/check/asked.rs`, as an object or as JSON) about `source`, a scenario file or a link:
 * a link is looked at where its cursor stands. `order` is "check", "valence", "ahead" (the valence and what each next step
 * makes of it), "rounds" (how many rounds Ben-Or's protocol takes; the question is over how many seeds) or "adversary";
 * the last one's question is up to which event it is to schedule, and its answer has the link of the run. `tell` is called
 * with `{ progress }` again and again and with `{ answer }` or `{ error }` in the end. The result can `pause()`,
 * `resume()` and `stop()`, after which nothing more is told.
 */
export function check(source, question, tell, order = "check") {
  const search = asker(tell);
  search.ask({ source, question, order });
  return search;
}

/** Draws how many runs decided in which round as a table with bars; the first row counts those that did not decide. */
export function draw({ seeds, rounds }, element) {
  const make = (tag, text, ...children) => {
    const made = document.createElement(tag);
    made.append(text, ...children);
    return made;
  };
  const head = (text, scope) => Object.assign(make("th", text), { scope });
  const most = Math.max(1, ...rounds.flat());
  const cell = (count) => {
    const bar = Object.assign(make("span", ""), { className: "bar" });
    bar.style.width = `${(count / most) * 100}%`;
    return make("td", "", bar, make("span", count));
  };
  const row = ([name, counts]) => make("tr", "", head(name, "row"), ...counts.map(cell));
  const [undecided, ...decided] = rounds;
  const rows = decided.map((counts, round) => [`${round + 1}`, counts]);
  if (undecided.some((count) => count > 0)) rows.push(["not decided", undecided]);
  const table = make(
    "table",
    "",
    make("caption", `Rounds until a decision: ${seeds} seeds, each scheduled at random and by an adversary`),
    make("thead", "", make("tr", "", head("Round", "col"), head("at random", "col"), head("adversary", "col"))),
    make("tbody", "", ...rows.map(row)),
  );
  table.className = "rounds";
  element.replaceChildren(table);
}

/** For measuring: states a second of two-phase commit with so many resource managers, on this thread, best of five. */
export async function measure(managers) {
  const { twoPhase } = await program();
  let best = { rate: 0 };
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    const [generated, distinct] = twoPhase(managers);
    const ms = performance.now() - start;
    const rate = (generated / ms) * 1000;
    if (rate > best.rate) best = { generated, distinct, ms, rate };
  }
  return best;
}

if (inWorker) serve();
