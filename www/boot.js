// Starts the page. Trunk leaves the hashed names of the program in a meta element (Trunk.toml,
// `pattern_script`); an inline script would be refused by the content-security policy.
const program = document.querySelector('meta[name="playground-program"]').dataset;
const address = (name) => new URL(name, document.baseURI).href;

// The checker is a program of its own, loaded when somebody asks it something. `tell` hears states, depth, states a
// second, verdict, steps by line and the link to the run that breaks a property; the result stops the search.
globalThis.playgroundCheck = (source, question, tell) => {
  let search;
  let stopped = false;
  const hear = ({ progress, answer, error }) => {
    if (progress) tell([progress.distinct, progress.depth, progress.rate, "", "", ""]);
    else if (answer) tell([answer.distinct, answer.depth, 0, answer.verdict, (answer.steps ?? []).join("\n"), answer.link ?? ""]);
    else tell([0, 0, 0, error, "", ""]);
  };
  import(address("checker.js")).then(
    ({ check }) => {
      if (!stopped) search = check(source, JSON.parse(question), hear);
    },
    (error) => hear({ error: error.message }),
  );
  return () => {
    stopped = true;
    search?.stop();
  };
};

try {
  const { default: init } = await import(address(program.module));
  await init({ module_or_path: address(program.wasm) });
} catch (error) {
  console.error(error);
  // A program that has started and crashed has told so itself. What is left: a browser that is too
  // old, a lost connection, or a host that gave out halves of two versions.
  if (!document.querySelector('[role="alert"]')) {
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent =
      "The playground could not start. Reload the page; if that does not help, try a browser that is up to date.";
    document.getElementById("app").replaceChildren(sentence);
  }
}
