// Lighthouse's opinion of the built page, on a host that compresses as static hosts do. `cargo xtask lighthouse` runs it.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { browserPath, FLAGS, serve } from "./lib.mjs";

/** The least score of each category; search engines are not what the page is made for. */
const LEAST = { performance: 95, accessibility: 100, "best-practices": 100, seo: 0 };

/** The report of one visit, from a fresh profile that Lighthouse throws away. */
async function visit(url) {
  const options = ["--preset=desktop", "--output=json", "--quiet", `--chrome-flags=--headless ${FLAGS.join(" ")}`];
  const environment = { ...process.env, CHROME_PATH: browserPath() };
  const lighthouse = spawn("lighthouse", [url, ...options], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => lighthouse.on("error", reject).on("close", resolve));
  const [report, status] = await Promise.all([text(lighthouse.stdout), ended]);
  if (status !== 0) throw new Error(`lighthouse ended with ${status}`);
  return JSON.parse(report);
}

/** The audits that cost a category points, worst first, as lines. */
function costs({ auditRefs }, audits) {
  const lost = ({ id, weight }) => weight * (1 - (audits[id].score ?? 1));
  const costly = auditRefs.filter((audit) => lost(audit) > 0).sort((a, b) => lost(b) - lost(a));
  return costly.map(({ id }) => {
    const { title, displayValue, details } = audits[id];
    const where = (details?.items ?? []).map(({ node, description }) => node?.snippet ?? description);
    return [`${id}: ${title}`, displayValue, ...where].filter(Boolean).join("; ");
  });
}

/** Prints what the page has at this address; whether every score is high enough. */
async function judge(title, url) {
  const { categories, audits, runtimeError } = await visit(url);
  if (runtimeError) throw new Error(`lighthouse: ${runtimeError.message}`);
  console.log(title);
  let good = true;
  for (const [name, least] of Object.entries(LEAST)) {
    const score = Math.round(categories[name].score * 100);
    console.log(`  ${name.padEnd(14)}  ${String(score).padStart(3)}  ${least ? `≥ ${least}` : ""}`.trimEnd());
    for (const line of costs(categories[name], audits)) console.log(`      ${line}`);
    good &&= score >= least;
  }
  return good;
}

const host = await serve({ compress: true });
try {
  const page = await judge("the page", host.url);
  const embedded = await judge("the page as it is embedded", `${host.url}?view=embed`);
  if (!page || !embedded) process.exitCode = 1;
} finally {
  await host.close();
}
