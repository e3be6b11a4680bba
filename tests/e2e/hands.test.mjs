// What a person does to a run: dragging, cutting, slowing, delivering by hand, every message.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  assertAccessible, assertQuiet, drawn, fingers, moment, notice, open, pickUp, press, reaches, says, setUp, until,
} from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

const still = (options = {}) => open(stage, { reducedMotion: "reduce", ...options });

async function menu(page, node, deed) {
  await page.locator(`#node-${node}`).click();
  await page.getByRole("button", { name: deed, exact: true }).click();
}

/** Where a node stands. */
async function middle(page, node) {
  const box = await page.locator(`#node-${node} .shape`).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** Drags a node; the page says what letting go would do, and shows what it did. */
async function drag(page, node, x, y, hint) {
  await page.mouse.move(...(await middle(page, node)));
  await page.mouse.down();
  await page.mouse.move(x, y, { steps: 6 });
  await says(page.locator(".hint"), hint);
  await page.mouse.up();
  await drawn(page);
}

test("nodes dragged apart are a partition with a wall; dragged together the network is whole", async () => {
  const page = await still();
  const [x, y] = await middle(page, 0);
  await drag(page, 0, x + 100, y - 10, /^Let go: n0 \| n1, n2, n3 and n4$/);
  await page.locator("#node-0.apart").waitFor();
  assert.equal(await page.locator(".wall").count(), 2);
  assert.equal(await page.locator(".popover").count(), 0, "a drag is no click");
  const [ox, oy] = await middle(page, 0);
  await drag(page, 1, ox + 40, oy, /^Let go: n0 and n1 \| n2, n3 and n4$/);
  await until(page, () => document.querySelectorAll(".node.apart").length === 0);
  assert.equal(await page.locator(".wall").count(), 2);
  await assertAccessible(page);
  for (const node of [0, 1]) {
    const [x, y] = await middle(page, 2);
    await drag(page, node, x + 34, y + 4, /^Let go: /);
  }
  await until(page, () => document.querySelectorAll(".wall").length === 0);
  const [hx, hy] = await middle(page, 3);
  await drag(page, 3, hx + 12, hy, /^Let go: nothing changes$/);
  assert.equal(await page.locator(".wall").count(), 0);
  assertQuiet(page);
  await page.context().close();
});

test("nodes are dragged apart and together by touch, and the page does not scroll under the finger", async () => {
  const page = await still({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  const touch = await fingers(page);
  async function drag(node, x, y, hint) {
    const [from, to] = [await middle(page, node), [x, y]];
    await touch("touchStart", from);
    for (const part of [0.2, 0.5, 0.8, 1]) {
      await touch("touchMove", from.map((start, i) => start + part * (to[i] - start)));
    }
    await says(page.locator(".hint"), hint);
    await touch("touchEnd");
    await drawn(page);
  }
  // A finger that does not move is a tap.
  await page.touchscreen.tap(...(await middle(page, 1)));
  await page.getByRole("dialog", { name: "What to do with n1" }).waitFor();
  await press(page, "Escape");
  const [x, y] = await middle(page, 1);
  await drag(1, x, y - 110, /^Let go: n1 \| n0, n2, n3 and n4$/);
  await page.locator("#node-1.apart").waitFor();
  assert.equal(await page.locator(".wall").count(), 2);
  assert.equal(await page.locator(".popover").count(), 0, "a drag is no tap");
  assert.equal(await page.evaluate(() => scrollY), 0);
  await assertAccessible(page);
  const [ox, oy] = await middle(page, 2);
  await drag(1, ox + 30, oy, /^Let go: the network is whole$/);
  await until(page, () => document.querySelectorAll(".wall").length === 0);
  assertQuiet(page);
  await page.context().close();
});

test("a message is picked up where it is drawn, by pointer and by touch", async () => {
  const page = await still();
  const [x, y] = await pickUp(page, (x, y) => page.mouse.click(x, y));
  await drawn(page);
  const popover = await page.locator(".popover").boundingBox();
  const field = await page.locator(".stage .field").boundingBox();
  const near = Math.min(Math.abs(popover.x - field.x - x), Math.abs(popover.x + popover.width - field.x - x));
  assert(near < 80, `the menu stands beside the message: ${near}`);
  await says(page.locator(".popover .fields"), /term \d/);
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.context().close();

  const phone = await still({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await pickUp(phone, (x, y) => phone.touchscreen.tap(x, y));
  const before = Number((await phone.locator("#stage-title small").innerText()).match(/^\d+/)[0]);
  await phone.locator(".popover").getByRole("button", { name: /^Drop/ }).tap();
  await until(phone, (n) => document.querySelector("#stage-title small").textContent.startsWith(`${n} `), before - 1);
  assertQuiet(phone);
  await phone.context().close();
});

test("each message may be delivered, held, delayed, copied and dropped from the list, by keyboard, and taken back", async () => {
  const page = await still();
  await page.getByRole("tab", { name: "In flight" }).click();
  for (const deed of ["Deliver", "Hold", "+100 ms", "Copy", "Drop"]) {
    const { event } = await moment(page);
    const button = page.locator(".messages li").first().getByRole("button", { name: deed });
    await button.focus();
    await page.keyboard.press("Enter");
    await reaches(page, event + 1);
  }
  await page.getByRole("button", { name: "Take back" }).click();
  // What was taken back stays as a branch.
  await until(page, () => document.querySelectorAll("#branch option").length === 2);
  assertQuiet(page);
  await page.context().close();
});

test("one direction of a link is slowed or cut, and seen so", async () => {
  const page = await still();
  await menu(page, 1, "Its links…");
  const dialog = page.getByRole("dialog", { name: "Links of n1" });
  await dialog.getByRole("button", { name: "+200 ms: n1 → n2" }).click();
  await dialog.getByRole("button", { name: "Cut: n3 → n1" }).click();
  await dialog.getByRole("button", { name: "Join: n3 → n1" }).waitFor();
  assert.equal(await dialog.getByRole("button", { name: "+200 ms: n1 → n2" }).getAttribute("aria-pressed"), "true");
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".link.slow").count(), 1);
  assert.equal(await page.locator(".link.oneway").count(), 1);
  await menu(page, 2, "Slow down by 200 ms");
  await until(page, () => document.querySelector("#node-2").textContent.includes("+200 ms"));
  assertQuiet(page);
  await page.context().close();
});

test("by hand: timers fire, everything is delivered, somebody leads; the page says what waits", async () => {
  const page = await still();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Who delivers").selectOption("1");
  await page.getByRole("button", { name: "Start the run" }).click();
  await notice(page, /^A new run: /);
  await press(page, "ArrowRight", 12);
  await says(page.locator(".why"), /timers wait for your hand/);
  await assertAccessible(page);
  await menu(page, 3, "Fire its Election timer");
  await says(page.locator("#stage-title"), /wait for you/);
  await page.getByRole("tab", { name: "In flight" }).click();
  await page.getByRole("heading", { name: /Inbox of n\d/ }).first().waitFor();
  await assertAccessible(page);
  for (let i = 0; i < 6 && (await page.locator("#node-3.leads").count()) === 0; i++) {
    await page.getByRole("button", { name: "Deliver everything" }).click();
    await press(page, "ArrowRight", 40);
  }
  await page.locator("#node-3.leads").waitFor();
  assertQuiet(page);
  await page.context().close();
});

test("a client may be made to ask, and a clock set ahead", async () => {
  const page = await still();
  await menu(page, 2, "Ask it to order a value");
  await notice(page, /Ask n2 for x1: done/);
  await menu(page, 2, "Clock 200 ms ahead");
  await notice(page, /Skew n2's clock: done/);
  assertQuiet(page);
  await page.context().close();
});

test("what ends a stall ends it when the run is over, too: the run goes on, and in the end it runs again", async () => {
  const page = await still();
  const over = async () => {
    await says(page.locator(".time small"), /^the run ends here$/);
    // A frame later time rests.
    await page.locator('#play[aria-label="Play"]').waitFor();
  };
  await page.locator("#scenario").selectOption("raft-no-quorum");
  await notice(page, /^A new run: /);
  await page.locator("#speed").fill("12");
  await page.locator("#play").click();
  await over();
  await says(page.locator("main .why"), /^No quorum is reachable/);
  // What is done is heard first, and then why nothing moves.
  await until(page, () => / Stalled: no quorum reachable\.$/.test(document.querySelector("[role=status]").textContent));
  const { event } = await moment(page);
  await page.locator("#change").press("Enter");
  await until(page, () => document.querySelectorAll(".why").length === 0);
  // The button has taken itself away.
  await until(page, () => document.activeElement.id === "play");
  await page.keyboard.press("Enter");
  await says(page.locator(".sentence"), /^n\d leads term \d/);
  await over();
  await page.locator("#play").click();
  await until(page, (event) => Number(document.querySelector(".page").dataset.event) < event, event);
  assertQuiet(page);
  await page.context().close();
});

test("in the list of messages the focus stays where it is while they are dropped one after the other", async () => {
  const page = await still();
  await page.getByRole("tab", { name: "In flight" }).click();
  const drops = page.locator(".messages").getByRole("button", { name: /^Drop/ });
  await drops.first().waitFor();
  await drops.first().focus();
  for (let left = (await drops.count()) - 1; left > 0; left--) {
    await page.keyboard.press("Enter");
    await until(page, (left) => document.querySelectorAll(".messages .deeds").length === left, left);
    await until(page, () => document.activeElement.closest(".messages"));
  }
  assertQuiet(page);
  await page.context().close();
});
