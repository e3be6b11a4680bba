// The page as a person uses it: by pointer, by keyboard, by link.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  assertAccessible, assertQuiet, drawn, eventually, moment, notice, open, pickUp, press, reaches, says, setUp, until,
} from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

/** A page at rest: what is read does not move on. */
async function still(options = {}) {
  return open(stage, { reducedMotion: "reduce", ...options });
}

async function fast(page) {
  await page.locator("#speed").fill("9");
}

const leads = () => /n\d leads term/.test(document.querySelector(".sentence").textContent);
const goesOn = (page, event) => until(page, (event) => Number(document.querySelector(".page").dataset.event) > event, event);

test("the page opens on a run in motion", async () => {
  const page = await open(stage);
  await says(page.locator(".sentence"), /n\d leads term \d+\. \d+ entries are in the same order/);
  assert.equal(await page.locator(".node").count(), 5);
  await goesOn(page, (await moment(page)).event);
  assertQuiet(page);
  await page.context().close();
});

test("the leader is crashed by keyboard and another one appears", async () => {
  const page = await still();
  const leader = await page.locator(".node.leads").getAttribute("id");
  await page.keyboard.press("c");
  await page.locator(`#${leader}.down`).waitFor();
  await press(page, "Shift+ArrowRight");
  await fast(page);
  await press(page, "Escape");
  await page.locator("#play").press("Enter");
  await until(page, leads);
  assert.notEqual(await page.locator(".node.leads").getAttribute("id"), leader);
  // A node's menu by keyboard: arrows go round the ring, Enter opens, Escape gives the focus back.
  await page.locator("#play").press("Enter");
  await page.locator('.node[tabindex="0"]').focus();
  await page.keyboard.press("ArrowDown");
  await until(page, () => document.activeElement.id === "node-1");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "What to do with n1" }).waitFor();
  await page.keyboard.press("Escape");
  await until(page, () => document.activeElement.id === "node-1");
  assertQuiet(page);
  await page.context().close();
});

test("steps forward and back are the same moments", async () => {
  const page = await still();
  const first = await moment(page);
  await page.keyboard.press("ArrowRight");
  await reaches(page, first.event + 1);
  await page.keyboard.press("ArrowLeft");
  await reaches(page, first.event);
  assert.deepEqual(await moment(page), first);
  await page.keyboard.press("Home");
  await reaches(page, 5);
  await page.keyboard.press("End");
  await reaches(page, first.event + 1);
  assertQuiet(page);
  await page.context().close();
});

test("scrubbing back and acting leaves both branches", async () => {
  const page = await still();
  await page.locator("#scrub").fill("400");
  await until(page, () => /^0\.[34]/.test(document.querySelector(".time b").textContent));
  await page.locator("#node-1").click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.locator("#node-1.paused").waitFor();
  assert.equal(await page.locator("#branch option").count(), 2);
  await page.locator("#branch").selectOption("0");
  await until(page, () => document.querySelectorAll(".node.paused").length === 0);
  assertQuiet(page);
  await page.context().close();
});

test("a partition by menu: two nodes believe that they lead; healed, one does", async () => {
  const page = await still();
  await page.getByRole("button", { name: "Partition…" }).click();
  await page.getByRole("button", { name: "Partition", exact: true }).click();
  await until(page, () => document.querySelectorAll(".wall").length > 0);
  await fast(page);
  await page.locator("#play").click();
  await until(page, () => document.querySelectorAll(".node.leads").length === 2);
  await page.getByRole("button", { name: "Heal the network" }).first().click();
  await until(page, () => document.querySelectorAll(".wall").length === 0);
  await until(page, () => document.querySelectorAll(".node.leads").length === 1);
  await until(page, leads);
  assertQuiet(page);
  await page.context().close();
});

test("three crashes stall five nodes: the page says why and offers what ends it", async () => {
  const page = await still();
  for (const node of [0, 1, 2]) {
    await page.locator(`#node-${node}`).click();
    await page.getByRole("button", { name: "Crash", exact: true }).click();
    await page.locator(`#node-${node}.down`).waitFor();
  }
  await says(page.locator(".why"), /No quorum is reachable: 3 of 5/);
  await assertAccessible(page);
  await page.locator("#change").click();
  await until(page, () => document.querySelectorAll(".why").length === 0);
  assertQuiet(page);
  await page.context().close();
});

test("a message is taken in flight: dropped by pointer and held by list", async () => {
  const page = await still();
  // Somewhere along the way to the next deliveries there are messages in the middle of their way.
  const count = async () => Number((await page.locator("#stage-title small").innerText()).match(/^\d+/)[0]);
  await page.getByRole("tab", { name: "In flight" }).click();
  await page.locator(".messages li").first().waitFor();
  const before = await count();
  await page.locator(".messages li").first().getByRole("button", { name: /^Drop/ }).click();
  await until(page, (n) => document.querySelector("#stage-title small").textContent.startsWith(`${n} `), before - 1);
  await page.locator(".messages li").first().getByRole("button", { name: /^Hold/ }).click();
  await page.locator(".messages li").first().getByRole("button", { name: /^Release/ }).waitFor();
  await pickUp(page, (x, y) => page.mouse.click(x, y));
  await page.locator(".popover").getByRole("button", { name: /^Drop/ }).click();
  await until(page, (n) => document.querySelector("#stage-title small").textContent.startsWith(`${n} `), before - 2);
  assertQuiet(page);
  await page.context().close();
});

test("a run opens where its nodes have started; before that they are said to be yet to start, not to be dead", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("raft-no-quorum");
  await notice(page, /^A new run: /);
  await reaches(page, 5);
  const words = (node) => page.locator(`#node-${node}`).textContent();
  assert.equal(await page.locator(".node.down, .node.early").count(), 0);
  assert.match(await words(4), /^n4 .*follower/);
  for (const left of [4, 3]) {
    await page.keyboard.press("ArrowLeft");
    await reaches(page, left);
  }
  assert.equal(await page.locator(".node.early").count(), 2);
  assert.equal(await page.locator(".node.down, .cross").count(), 0, "nobody has crashed");
  assert.match(await words(4), /^n4 .*not started yet$/);
  await page.locator("#node-4").click();
  assert.equal(await page.locator(".popover").getByRole("button", { name: /^(Crash|Restart)/ }).count(), 0);
  await page.getByRole("button", { name: "Inspect", exact: true }).click();
  await page.getByText("It has not started yet.").waitFor();
  await page.locator("#eyes").selectOption("4");
  await until(page, () => /not started yet$/.test(document.querySelector("#node-4").textContent));
  await assertAccessible(page);
  await page.keyboard.press("Home");
  await reaches(page, 5);
  assertQuiet(page);
  await page.context().close();
});

test("every scenario of the menu opens and says so", async () => {
  const page = await still();
  const stems = await page.locator("#scenario option").evaluateAll((options) => options.map((option) => option.value));
  const shipped = stems.filter((stem) => stem && stem !== "file");
  assert(shipped.length >= 10, `${shipped.length} scenarios`);
  const file = readFileSync(new URL("../../www/scenarios.tsv", import.meta.url), "utf8");
  const titles = new Map(file.split("\n").map((line) => line.split("\t")));
  for (const stem of shipped) {
    await page.locator("#scenario").selectOption(stem);
    // An adversary's run is opened anew when its schedule is there.
    const said = stem === "paxos-adversary" ? "The run of the link" : `A new run: ${titles.get(stem)}.`;
    await until(page, (said) => document.querySelector(".notice")?.textContent.startsWith(said), said);
    assert.equal(await page.locator("#scenario").inputValue(), stem);
    await press(page, "ArrowRight");
  }
  assertQuiet(page);
  await page.context().close();
});

test("every protocol runs under every model that the bar offers", async () => {
  const page = await still();
  const protocols = await page.locator("#protocol option").evaluateAll((options) => options.map((option) => option.value));
  for (const protocol of protocols) {
    await page.locator("#protocol").selectOption(protocol);
    for (const model of ["0", "2", "1"]) {
      await page.locator("#model").selectOption(model);
      await notice(page, /^A new run: /);
      const { event } = await moment(page);
      await press(page, "ArrowRight", 30);
      assert((await moment(page)).event >= event + 20, `${protocol} under model ${model} goes on from event ${event}`);
    }
  }
  assertQuiet(page);
  await page.context().close();
});

test("a link brings another person to the same event of the same run", async () => {
  const page = await still();
  await press(page, "c");
  await press(page, "Shift+ArrowRight");
  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.locator("#link").inputValue();
  const there = await moment(page);
  const other = await still({ address: new URL(link).hash });
  await notice(other, new RegExp(`event ${there.event}`));
  assert.deepEqual(await moment(other), there);
  assertQuiet(other);
  await other.context().close();
  await page.context().close();
});

test("a damaged link is refused in one sentence, and the page goes on", async () => {
  const page = await open(stage, { address: "#v1.AAAAdamaged" });
  await notice(page, /the link is damaged/);
  assert.equal(await page.locator(".node").count(), 5);
  const before = await moment(page);
  await page.locator("#play").click();
  await goesOn(page, before.event);
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("what cannot be is refused beside where it was given", async () => {
  const page = await still();
  const before = await moment(page);
  await page.locator("#nodes").fill("26");
  await page.locator("#nodes").press("Enter");
  await notice(page, /from 1 to 25/);
  await page.locator("#seed").fill("seven");
  await page.locator("#seed").press("Enter");
  await notice(page, /whole number/);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Longest delay Δ (ms)").fill("1");
  await page.getByRole("button", { name: "Start the run" }).click();
  await says(page.getByRole("dialog").getByRole("alert"), /min_ms/);
  assert.deepEqual(await moment(page), before);
  await page.keyboard.press("Escape");
  await page.locator("input[type=file]").setInputFiles({
    name: "wrong.json", mimeType: "application/json", buffer: Buffer.from('{"version":1,"protocol":"raft","nodes":5,"x":1}'),
  });
  await notice(page, /x: unknown field/);
  assert.deepEqual(await moment(page), before);
  assertQuiet(page);
  await page.context().close();
});

test("with reduced motion nothing moves by itself", async () => {
  const page = await still();
  const before = await moment(page);
  await drawn(page, 40);
  assert.deepEqual(await moment(page), before);
  assert.equal(await page.locator("#play").getAttribute("aria-label"), "Play");
  await page.context().close();
});

test("when the program crashes the page says so, keeps the link that replays the run, and starts afresh", async () => {
  const page = await still();
  await page.keyboard.press("c");
  await page.locator(".node.down").waitFor();
  const there = await moment(page);
  // A canvas that throws takes the frame away in the middle: what was lent out then is never given back, and whoever
  // wants it next panics.
  await page.evaluate(() => {
    CanvasRenderingContext2D.prototype.clearRect = () => { throw new Error("no canvas any more"); };
  });
  for (let i = 0; i < 9 && (await page.locator(".crash").count()) === 0; i++) await press(page, "ArrowRight");
  const panel = page.getByRole("alert");
  await says(panel, /The playground has crashed/);
  const link = await panel.getByRole("link", { name: "Replay the run" }).getAttribute("href");
  await assertAccessible(page);
  await eventually(() => assert(page.complaints.some((line) => /no canvas any more/.test(line)), "the console has it, too"));
  const other = await still({ address: link });
  await reaches(other, there.event);
  assert.deepEqual(await moment(other), there);
  assertQuiet(other);
  await other.context().close();
  await panel.getByRole("link", { name: "Start afresh" }).click();
  await page.locator(".node.leads").waitFor();
  await page.context().close();
});

test("keys can be switched off", async () => {
  const page = await still();
  await page.keyboard.press("?");
  await page.getByLabel("Listen to these keys").uncheck();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  const before = await moment(page);
  await press(page, "ArrowRight");
  assert.deepEqual(await moment(page), before);
  await page.context().close();
});

for (const viewport of [{ width: 390, height: 844 }, { width: 800, height: 580 }, { width: 1440, height: 900 }]) {
  test(`nothing lies beyond the right edge at ${viewport.width} px`, async () => {
    const page = await still({ viewport });
    const fits = (where) =>
      eventually(async () => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert(wide <= 0, `no horizontal scrolling ${where}`);
      });
    await fits("at first");
    if (viewport.width === 390) {
      for (const tab of ["Order", "Time", "Details", "Stage"]) {
        await page.getByRole("button", { name: tab, exact: true }).click();
        await drawn(page);
        await fits(`in ${tab}`);
        await assertAccessible(page);
      }
      await page.getByRole("button", { name: "Change the run" }).click();
      await drawn(page);
      await fits("with the bar open");
    }
    assertQuiet(page);
    await page.context().close();
  });
}

test("targets are at least 24 px", async () => {
  const page = await still();
  for (const tab of ["Properties", "Node", "In flight", "Events"]) {
    await page.getByRole("tab", { name: tab }).click();
    await drawn(page);
    const small = await page.locator("button:visible, select:visible, input:visible").evaluateAll((controls) =>
      controls.map((c) => [c.getBoundingClientRect(), c.outerHTML.slice(0, 80)])
        .filter(([box]) => box.height < 24 && box.height > 1).map(([box, html]) => `${box.height}: ${html}`));
    assert.deepEqual(small, []);
  }
  await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing in any tab or dialog, ${colorScheme}`, async () => {
    const page = await still({ colorScheme });
    for (const tab of ["Properties", "Node", "In flight", "Events"]) {
      await page.getByRole("tab", { name: tab }).click();
      await assertAccessible(page);
    }
    await page.locator("#node-0").click();
    await assertAccessible(page);
    await page.keyboard.press("Escape");
    for (const dialog of ["Settings", "Partition…", "Share", "Keys"]) {
      await page.getByRole("button", { name: dialog, exact: true }).click();
      await assertAccessible(page);
      await page.keyboard.press("Escape");
    }
    assertQuiet(page);
    await page.context().close();
  });
}
