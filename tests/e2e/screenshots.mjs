// The screenshots of the README and of whoever works on the page, taken from the built page: `cargo xtask screenshots`.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, setUp } from "./lib.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

const DESKTOP = { width: 1440, height: 900 };
const FRAME = { width: 800, height: 580 };
const PHONE = { width: 390, height: 844 };

/** Long enough for the first commands. */
async function settle(page) {
  await page.waitForTimeout(3000);
}

/** Plays `ms` of virtual time, about. */
async function play(page, ms) {
  await page.locator("#speed").fill("9");
  await page.locator("#play").click();
  await page.waitForTimeout(ms);
  await page.locator("#play").click();
  await page.waitForTimeout(300);
}

async function menu(page, node, deed) {
  await page.locator(`#node-${node}`).click();
  await page.getByRole("button", { name: deed, exact: true }).click();
}

async function running(page) {
  await page.locator("#play").click();
  await page.keyboard.press("c");
  await play(page, 900);
  await page.locator("#invitation").click();
  await play(page, 500);
  await page.locator("#speed").fill("5");
  await page.locator("#play").click();
  await page.waitForTimeout(1500);
}

async function stalled(page) {
  for (const node of [0, 1, 2]) await menu(page, node, "Crash");
  await play(page, 1200);
  await quiet(page);
}

async function split(page) {
  await page.locator("#scenario").selectOption("raft-split-brain");
  await page.locator("#speed").fill("10");
  await page.locator("#play").click();
  await page.waitForFunction(() => document.querySelectorAll(".node.leads").length > 1, null, { timeout: 20000 });
  await page.locator("#play").click();
  await quiet(page);
}

/** Waits until the sentence about what was done has gone. */
async function quiet(page) {
  await page.locator(".notice button").click({ timeout: 500 }).catch(() => {});
  await page.mouse.move(5, 5);
  await page.waitForTimeout(300);
}

/** Under the manual scheduler: an election half delivered, messages in their inboxes. */
async function manual(page) {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Who delivers").selectOption("1");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForFunction(() => /^A new run: /.test(document.querySelector(".notice")?.textContent ?? ""));
  for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowRight");
  await menu(page, 3, "Fire its Election timer");
  for (let i = 0; i < 2; i++) await page.locator("#change").click();
  await page.locator("#speed").fill("9");
  await page.locator("#play").click();
  await page.waitForTimeout(400);
  await page.getByRole("tab", { name: "In flight" }).click();
  await quiet(page);
}

async function violated(page) {
  await page.locator("#scenario").selectOption("raft-commit-older-term");
  await page.locator("#until").selectOption({ label: "a property breaks" });
  await page.locator("#alarm").waitFor();
  await page.locator("#what-led-here").click();
  await quiet(page);
}

async function eyes(page) {
  await page.keyboard.press("c");
  await play(page, 700);
  await page.locator("#eyes").selectOption("1");
  await quiet(page);
}

async function paxos(page) {
  await page.locator("#protocol").selectOption("paxos");
  await play(page, 250);
}

async function many(page) {
  await page.locator("#nodes").fill("25");
  await page.locator("#nodes").press("Enter");
  await play(page, 1200);
}

async function tab(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForTimeout(500);
}

const REST = { reducedMotion: "reduce" };

/** Both themes of a state, at rest. */
function both(name, viewport, arrange) {
  return ["light", "dark"].map((colorScheme) => ({ name: `${name}-${colorScheme}`, viewport, colorScheme, arrange, ...REST }));
}

/** On a phone: the tab that shows the state best. */
const onTab = (arrange, name) => async (page) => {
  await arrange(page);
  await tab(page, name);
};

async function phoneStalled(page) {
  for (const node of [0, 1, 2]) await menu(page, node, "Crash");
  await play(page, 900);
  await quiet(page);
}

/** `arrange` brings the page into the state that is to be seen. */
const SHOTS = [
  { name: "opening-light", viewport: DESKTOP, colorScheme: "light", arrange: settle },
  { name: "opening-dark", viewport: DESKTOP, colorScheme: "dark", arrange: settle },
  { name: "running-light", viewport: DESKTOP, colorScheme: "light", arrange: running, readme: "screenshot" },
  { name: "running-dark", viewport: DESKTOP, colorScheme: "dark", arrange: running },
  { name: "stalled-light", viewport: DESKTOP, colorScheme: "light", arrange: stalled, readme: "stalled", ...REST },
  { name: "stalled-dark", viewport: DESKTOP, colorScheme: "dark", arrange: stalled, ...REST },
  ...both("split-brain", DESKTOP, split),
  ...both("manual", DESKTOP, manual),
  { name: "violated-light", viewport: DESKTOP, colorScheme: "light", arrange: violated, ...REST },
  { name: "violated-dark", viewport: DESKTOP, colorScheme: "dark", arrange: violated, readme: "violated", ...REST },
  { name: "eyes-light", viewport: DESKTOP, colorScheme: "light", arrange: eyes, ...REST },
  { name: "paxos-light", viewport: DESKTOP, colorScheme: "light", arrange: paxos, ...REST },
  { name: "many-light", viewport: DESKTOP, colorScheme: "light", arrange: many, ...REST },
  { name: "frame-light", viewport: FRAME, colorScheme: "light", arrange: settle },
  { name: "embed-light", viewport: FRAME, colorScheme: "light", address: "?view=embed", arrange: settle },
  { name: "embed-dark", viewport: FRAME, colorScheme: "dark", address: "?view=embed", arrange: settle },
  { name: "phone-stage-light", viewport: PHONE, colorScheme: "light", arrange: settle },
  { name: "phone-order-dark", viewport: PHONE, colorScheme: "dark", arrange: (page) => tab(page, "Order") },
  { name: "phone-time-light", viewport: PHONE, colorScheme: "light", arrange: (page) => tab(page, "Time") },
  { name: "phone-details-light", viewport: PHONE, colorScheme: "light", arrange: (page) => tab(page, "Details") },
  ...both("phone-stalled", PHONE, onTab(phoneStalled, "Order")),
];

const only = process.argv.slice(2);
mkdirSync(FOLDER, { recursive: true });
const stage = await setUp();
try {
  for (const { name, arrange, readme, ...options } of SHOTS) {
    if (only.length && !only.some((part) => name.includes(part))) continue;
    const page = await open(stage, options);
    try {
      await arrange(page);
    } catch (error) {
      console.error(`${name}: ${error.message}`);
      process.exitCode = 1;
    }
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    if (readme) copyFileSync(`${FOLDER}${name}.png`, `${FOLDER}../${readme}.png`);
    console.log(`docs/screenshots/${name}.png`);
    await page.context().close();
  }
} finally {
  await stage.tearDown();
}
