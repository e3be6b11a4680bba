// Where a person looks: what one node knows, run until, the diagram, the lists, the branches, broken variants.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assertAccessible, assertQuiet, complete, drawn, fingers, moment, notice, open, press, reaches, says, setUp, until,
} from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

const still = (options = {}) => open(stage, { reducedMotion: "reduce", ...options });

for (const colorScheme of ["light", "dark"]) {
  test(`through the eyes of one node a dead node looks like a slow one, ${colorScheme}`, async () => {
    const page = await still({ colorScheme });
    await page.locator("#eyes").selectOption("1");
    await page.locator("#node-3.remembered").waitFor();
    await says(page.locator(".sentence"), /^What n1 can know\. n0 \d+ ms ago/);
    await assertAccessible(page);
    assert.match(await page.locator("#node-3").textContent(), /^n3 follower · term 1 \d+ ms ago$/);
    const before = await page.locator("#node-3").innerHTML();
    await page.keyboard.press("c");
    await page.locator("#node-3").click();
    await page.getByRole("button", { name: "Crash", exact: true }).click();
    await notice(page, /^Crash n3: done/);
    await drawn(page);
    assert.equal(await page.locator(".node.down").count(), 0, "nobody sees a crash");
    assert.equal(await page.locator("#node-3").innerHTML(), before);
    await page.locator("#node-2").click();
    await page.getByRole("button", { name: "Crash", exact: true }).click();
    await notice(page, /^Crash n2: done/);
    await drawn(page);
    assert.doesNotMatch(await page.locator("main").innerText(), /quorum/, "nor that three of five are too many");
    await page.locator("#eyes").selectOption("");
    await until(page, () => document.querySelectorAll(".node.down").length === 3);
    await page.locator(".why").waitFor();
    assertQuiet(page);
    await page.context().close();
  });
}

test("a run is played until somebody is elected, more is delivered, or it is stuck", async () => {
  const page = await still();
  await page.keyboard.press("c");
  await page.locator("#until").selectOption({ label: "somebody is elected" });
  await notice(page, /^Played until somebody is elected\./);
  await says(page.locator(".sentence"), /n\d leads term \d/);
  const delivered = () => page.locator(".strip svg").getAttribute("aria-label");
  const before = await delivered();
  await page.locator("#until").selectOption({ label: "10 more are delivered" });
  await notice(page, /^Played until 10 more are delivered\./);
  assert.notEqual(await delivered(), before);
  await page.locator("#scenario").selectOption("raft-no-quorum");
  await page.locator("#until").selectOption({ label: "it is stuck" });
  await until(page, () => document.querySelectorAll(".why").length === 1);
  assertQuiet(page);
  await page.context().close();
});

test("the diagram zooms, moves and follows again, by wheel, by dragging and by keys", async () => {
  const page = await still();
  const shown = (pattern) => says(page.locator("#spacetime-title small"), pattern);
  const canvas = page.locator(".spacetime canvas");
  const box = await canvas.boundingBox();
  await shown(/^500 ms shown$/);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, 120);
  await shown(/^600 ms shown$/);
  await page.locator("#follow").click();
  await page.mouse.move(box.x + box.width / 2, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 120, box.y + 44, { steps: 4 });
  await page.mouse.up();
  await page.locator("#follow").click();
  await canvas.focus();
  await page.keyboard.press("+");
  await shown(/^375 ms shown$/);
  await page.keyboard.press("PageUp");
  await page.locator("#follow").waitFor();
  await page.getByRole("button", { name: "steps" }).click();
  await shown(/^60 steps shown$/);
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("two fingers zoom the diagram, one moves it", async () => {
  const page = await still({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  await page.getByRole("button", { name: "Time", exact: true }).tap();
  const touch = await fingers(page);
  const box = await page.locator(".spacetime canvas").boundingBox();
  const [middle, y] = [box.x + 44 + (box.width - 44) / 2, box.y + box.height / 2];
  const spread = (far) => [[middle - far, y], [middle + far, y]];
  const shown = (about) =>
    until(page, (about) => {
      const [, much, unit] = document.querySelector("#spacetime-title small").textContent.match(/^([\d.]+) (m?s) shown$/);
      return Math.abs(much * (unit === "s" ? 1000 : 1) - about) < 5;
    }, about);
  const { event } = await moment(page);
  async function pinch(from, to) {
    await touch("touchStart", ...spread(from));
    for (const part of [0.25, 0.5, 0.75, 1]) await touch("touchMove", ...spread(from + part * (to - from)));
    await touch("touchEnd");
  }
  await shown(500);
  await pinch(30, 60);
  await shown(250);
  await page.locator("#follow").waitFor();
  await pinch(80, 20);
  await shown(1000);
  await page.locator("#follow").tap();
  await touch("touchStart", [middle, y]);
  for (const far of [20, 50, 80]) await touch("touchMove", [middle + far, y]);
  await touch("touchEnd");
  await page.locator("#follow").waitFor();
  await shown(1000);
  assert.equal((await moment(page)).event, event, "looking elsewhere is not going there");
  assert.equal(await page.evaluate(() => visualViewport.scale), 1, "the page itself is not zoomed");
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("scrubbing in the diagram goes back in time", async () => {
  const page = await still();
  const { event } = await moment(page);
  const box = await page.locator(".spacetime canvas").boundingBox();
  const now = box.x + 44 + (box.width - 44) * 0.8;
  await page.mouse.move(now, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(now - 150, box.y + 8, { steps: 5 });
  await page.mouse.up();
  await until(page, (event) => Number(document.querySelector(".page").dataset.event) < event, event);
  assertQuiet(page);
  await page.context().close();
});

test("a commit leads back to its quorum and to the rule's sentence in the paper", async () => {
  const page = await still();
  await page.locator("#until").selectOption({ label: "one more is delivered" });
  await notice(page, /^Played until one more is delivered\./);
  await page.locator("#what-led-here").click();
  const told = await says(page.locator("#picked"), /By then [345] of 5 had it: n\d/);
  assert.match(told, /\d+ events led to it/);
  assert.match(told, /set commitIndex = N” \(Raft, Figure 2\)/);
  await assertAccessible(page);
  const picked = Number(told.match(/event (\d+)/)[1]);
  await page.keyboard.press("Home");
  await page.locator("#picked").getByRole("button", { name: "Go there" }).click();
  await reaches(page, picked + 1);
  // An event is picked by pointer, too: along a lane there is one every few pixels.
  await page.locator("#picked").getByRole("button", { name: "Close" }).click();
  const box = await page.locator(".spacetime canvas").boundingBox();
  for (let x = 300; x < 700 && (await page.locator("#picked").count()) === 0; x += 9) {
    await page.mouse.move(box.x + x, box.y + box.height - 50);
    await drawn(page);
    await page.mouse.click(box.x + x, box.y + box.height - 50);
    await drawn(page);
  }
  await page.locator("#picked").waitFor();
  assertQuiet(page);
  await page.context().close();
});

test("of many events the list holds only those that are seen, and a search finds the others", async () => {
  const page = await still();
  await press(page, "c");
  await page.locator("#speed").fill("12");
  await page.locator("#play").click();
  await until(page, () => Number(document.querySelector(".page").dataset.event) > 5000);
  await page.locator("#play").click();
  await page.getByRole("tab", { name: "Events" }).click();
  await page.locator(".log .now").waitFor();
  assert((await page.locator(".log li").count()) < 100);
  await page.locator("#side-body").evaluate((body) => (body.scrollTop = 24 * 1000));
  await page.locator(".log button", { hasText: /^1003/ }).waitFor();
  await page.locator("#find").fill("crashes");
  await until(page, () => document.querySelectorAll(".log button").length === 1);
  await says(page.locator(".find"), /^1 of \d+/);
  await assertAccessible(page);
  await page.locator(".log button").click();
  assertQuiet(page);
  await page.context().close();
});

test("the inspector underlines what the last event changed", async () => {
  const page = await still();
  const leader = (await page.locator(".node.leads").getAttribute("id")).slice(5);
  await page.getByRole("tab", { name: "Node" }).click();
  await page.locator("#inspected").selectOption(leader);
  await drawn(page);
  for (let i = 0; i < 60 && (await page.locator(".variables .changed").count()) === 0; i++) {
    await press(page, "ArrowRight");
  }
  assert((await page.locator(".variables .changed").count()) > 0);
  for (const heading of ["Last event", "On the disk", "In memory"]) {
    await page.getByRole("heading", { name: heading }).waitFor();
  }
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("the branch tree leads back to every course of events", async () => {
  const page = await still();
  await page.keyboard.press("c");
  await press(page, "ArrowLeft", 4);
  await page.locator("#node-1").click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.locator("#node-1.paused").waitFor();
  await page.locator("#tree").click();
  const dialog = page.getByRole("dialog", { name: "Branches" });
  await dialog.waitFor();
  assert.equal(await dialog.locator(".branch").count(), 2);
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^original run: Crash n/ }).click();
  await until(page, () => document.querySelectorAll(".node.paused").length === 0);
  await page.keyboard.press("End");
  await page.locator(".node.down").waitFor();
  assertQuiet(page);
  await page.context().close();
});

test("bugs worth seeing: the rule is told, and what it is for is seen to break", async () => {
  const page = await still();
  const bugs = await page.locator('#scenario optgroup[label="Bugs worth seeing"] option').evaluateAll((options) =>
    options.map((option) => option.value));
  assert(bugs.length >= 20, `${bugs.length} bugs`);
  await page.locator("#scenario").selectOption("raft-commit-older-term");
  await says(page.locator("#variant"), /R1 .*Left out: .*§5\.4\.2.*Figure 8 Watch Leader Completeness/s);
  await page.locator("#until").selectOption({ label: "a property breaks" });
  await page.locator("#alarm").waitFor();
  await says(page.locator("#alarm"), /^Violated: Leader Completeness/);
  await says(page.locator(".properties li").first(), /Leader Completeness\s+violated/);
  await assertAccessible(page);
  await press(page, "Home");
  await press(page, "End");
  await page.locator("#alarm button").click();
  assertQuiet(page);
  await page.context().close();
});

test("offline after load everything goes on", async () => {
  const page = await still();
  // What the page fetches by itself is not to be cut off in the middle: that would be a complaint.
  await complete(page);
  await page.context().setOffline(true);
  await page.locator("#scenario").selectOption("raft-split-brain");
  await page.locator("#until").selectOption({ label: "one more is delivered" });
  await notice(page, /^Played until one more is delivered\./);
  await page.keyboard.press("c");
  await page.getByRole("button", { name: "Share" }).click();
  assert.match(await page.locator("#link").inputValue(), /#v1\./);
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Events" }).click();
  await page.locator(".log .now").waitFor();
  assertQuiet(page);
  await page.context().close();
});

test("a file is opened offline, once the second program has come", async () => {
  const cached = await setUp({ cache: true });
  const page = await open(cached, { reducedMotion: "reduce" });
  await complete(page);
  await page.context().setOffline(true);
  const file = JSON.parse(readFileSync(new URL("../../www/scenarios/vr-first-run.json", import.meta.url), "utf8"));
  const buffer = Buffer.from(JSON.stringify({ ...file, title: "My own replicas" }));
  await page.locator("input[type=file]").setInputFiles({ name: "own.json", mimeType: "application/json", buffer });
  await notice(page, /^A new run: My own replicas/);
  assertQuiet(page);
  await page.context().close();
  await cached.tearDown();
});

test("the page and the headless runner give the same report of the same recording", async () => {
  const page = await still();
  await page.keyboard.press("c");
  await page.locator("#until").selectOption({ label: "somebody is elected" });
  await notice(page, /^Played until somebody is elected\./);
  const { hash } = await moment(page);
  await page.getByRole("button", { name: "Share" }).click();
  const link = new URL(await page.locator("#link").inputValue()).hash;
  const here = await page.evaluate(async (link) => {
    const { Run } = await import(new URL("playground.js", document.baseURI).href);
    return Run.open(link).report();
  }, link);
  assert.equal(here.trace_hash, hash);
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const built = process.env.HEADLESS; // `cargo xtask test` has built it; by hand it is built here
  const [program, ...words] = built ? [built] : ["cargo", "run", "--quiet", "--bin", "headless", "--"];
  const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 };
  const headless = spawnSync(program, [...words, "run", link], options);
  assert.equal(headless.status, 0, headless.stderr);
  assert.deepEqual(JSON.parse(JSON.stringify(here)), JSON.parse(headless.stdout));
  assertQuiet(page);
  await page.context().close();
});
