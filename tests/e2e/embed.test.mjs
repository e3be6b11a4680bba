// Inside another page: a sandboxed frame has no origin, hence no storage and no worker.
import { after, before, test } from "node:test";
import { assertQuiet, open, setUp } from "./lib.mjs";

const FRAME = `<!doctype html><html lang="en"><title>a course</title><link rel="icon" href="data:,">
<iframe title="playground" sandbox="allow-scripts" width="800" height="580"
  src="/some/sub-path/?view=embed"></iframe></html>`;

let stage;
before(async () => (stage = await setUp({ pages: { "/course.html": FRAME } })));
after(() => stage?.tearDown());

test("the page starts in a sandboxed frame", async () => {
  const page = await open(stage, { url: `${stage.host.origin}/course.html` });
  await page.frameLocator("iframe").locator("main").first().waitFor();
  assertQuiet(page);
  await page.context().close();
});
