// Starts the page. Trunk leaves the hashed names of the program in a meta element (Trunk.toml,
// `pattern_script`); an inline script would be refused by the content-security policy.
const program = document.querySelector('meta[name="playground-program"]').dataset;
const address = (name) => new URL(name, document.baseURI).href;

// The checker is a program of its own, loaded when somebody asks it something: `order` is "check", "valence", "rounds" or
// "adversary". `tell` hears states, depth, states a second, verdict, steps (or decisions) by line and the link to a run;
// the result is told "pause", "resume" or "stop".
globalThis.playgroundCheck = (order, source, question, tell) => {
  let search;
  let stopped = false;
  let draw;
  const drawn = (what) => {
    const place = document.getElementById("check-drawn");
    if (place) draw(what, place);
  };
  const hear = ({ progress, answer, error }) => {
    if (progress?.rounds) drawn(progress);
    else if (progress) tell([progress.distinct, progress.depth, progress.rate, "", "", ""]);
    else if (answer) {
      if (answer.rounds) {
        drawn(answer);
        return tell([0, 0, 0, `Done: ${answer.seeds} seeds.`, "", ""]);
      }
      const { distinct = 0, depth = 0, verdict = answer.valence, steps = answer.reached, link } = answer;
      tell([distinct, depth, 0, verdict ?? "", (steps ?? []).join("\n"), link ?? ""]);
    }
    else tell([0, 0, 0, error, "", ""]);
  };
  import(address("checker.js")).then(
    (checker) => {
      ({ draw } = checker);
      if (!stopped) search = checker.check(source, question, hear, order);
    },
    (error) => hear({ error: error.message }),
  );
  return (what) => {
    stopped ||= what === "stop";
    search?.[what]();
  };
};

// A scenario file as a link, of any length; fails with a sentence on what is wrong with the file.
globalThis.playgroundRead = (file) => import(address("checker.js")).then(({ read }) => read(file));

// An error that comes out of the program leaves it in the midst of something: whatever is asked of it later may fail.
let playground;
const fell = ({ error, reason }) => {
  const fault = error ?? reason;
  if (!playground || !/\bwasm\b/.test(fault?.stack)) return;
  const { crashed } = playground;
  playground = undefined;
  crashed(`${fault}\n${fault.stack}`);
};
addEventListener("error", fell);
addEventListener("unhandledrejection", fell);

// A button that takes itself away when it is pressed would take the focus with it. In a list, what has moved up to its
// place gets it; elsewhere, Play.
let focused;
addEventListener("focusin", ({ target }) => {
  const list = target.closest("ul");
  focused = { target, list, place: list && [...list.querySelectorAll("button")].indexOf(target) };
});
// It has gone to nowhere because something else was pressed.
addEventListener("pointerdown", () => setTimeout(() => document.activeElement === document.body && (focused = undefined)));
new MutationObserver(() => {
  if (!focused || focused.target.isConnected || document.activeElement !== document.body) return;
  const { list, place } = focused;
  const left = list?.isConnected ? [...list.querySelectorAll("button:enabled")] : [];
  (left[Math.min(place, left.length - 1)] ?? document.getElementById("play"))?.focus({ preventScroll: true });
}).observe(document.getElementById("app"), { childList: true, subtree: true });

try {
  const wasm = fetch(address(program.wasm));
  const file = (name) => fetch(address(name)).then((file) => (file.ok ? file.text() : ""), () => "");
  const files = Promise.all([file("scenarios.tsv"), file("texts.tsv")]);
  const module = await import(address(program.module));
  // The program looks for them when it starts. Without them it runs all the same.
  [globalThis.playgroundScenarios, globalThis.playgroundTexts] = await files;
  await module.default({ module_or_path: wasm });
  playground = module;
  // A look ahead, where somebody asks for it.
  document.addEventListener("change", async ({ target }) => {
    if (target.id === "ahead") (await import(address("ahead.js"))).follow(() => playground?.runCarried(), target);
  });
  // The second program is wanted sooner or later, perhaps when there is no network: into the browser's cache with it.
  if (!location.search.includes("view=embed")) {
    const second = ["checker.js", "ahead.js", "worker.js", "worker_bg.wasm"];
    const fill = (name) => fetch(address(name), { priority: "low" }).then((file) => file.blob()).catch(() => {});
    setTimeout(() => navigator.onLine && second.forEach(fill), 3000);
  }
} catch (error) {
  console.error(error);
  // A browser that is too old, a lost connection, or a host that gave out halves of two versions.
  if (!document.querySelector('[role="alert"]')) {
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent =
      "The playground could not start. Reload the page; if that does not help, try a browser that is up to date.";
    document.getElementById("app").replaceChildren(sentence);
  }
}
