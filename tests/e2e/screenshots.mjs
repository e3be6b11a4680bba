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
}

async function split(page) {
  await page.locator("#scenario").selectOption("raft-split-brain");
  await page.locator("#speed").fill("10");
  await page.locator("#play").click();
  await page.waitForFunction(() => document.querySelectorAll(".node.leads").length > 1, null, { timeout: 20000 });
  await page.locator("#play").click();
  await page.waitForTimeout(300);
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

/** `arrange` brings the page into the state that is to be seen. */
const SHOTS = [
  { name: "opening-light", viewport: DESKTOP, colorScheme: "light", arrange: settle },
  { name: "opening-dark", viewport: DESKTOP, colorScheme: "dark", arrange: settle },
  { name: "running-light", viewport: DESKTOP, colorScheme: "light", arrange: running, readme: true },
  { name: "stalled-light", viewport: DESKTOP, colorScheme: "light", arrange: stalled, ...REST },
  { name: "stalled-dark", viewport: DESKTOP, colorScheme: "dark", arrange: stalled, ...REST },
  { name: "split-brain-light", viewport: DESKTOP, colorScheme: "light", arrange: split, ...REST },
  { name: "split-brain-dark", viewport: DESKTOP, colorScheme: "dark", arrange: split, ...REST },
  { name: "paxos-light", viewport: DESKTOP, colorScheme: "light", arrange: paxos, ...REST },
  { name: "many-light", viewport: DESKTOP, colorScheme: "light", arrange: many, ...REST },
  { name: "frame-light", viewport: FRAME, colorScheme: "light", arrange: settle },
  { name: "embed-light", viewport: FRAME, colorScheme: "light", address: "?view=embed", arrange: settle },
  { name: "phone-stage-light", viewport: PHONE, colorScheme: "light", arrange: settle },
  { name: "phone-order-dark", viewport: PHONE, colorScheme: "dark", arrange: (page) => tab(page, "Order") },
  { name: "phone-time-light", viewport: PHONE, colorScheme: "light", arrange: (page) => tab(page, "Time") },
  { name: "phone-details-light", viewport: PHONE, colorScheme: "light", arrange: (page) => tab(page, "Details") },
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
    if (readme) copyFileSync(`${FOLDER}${name}.png`, `${FOLDER}../screenshot.png`);
    console.log(`docs/screenshots/${name}.png`);
    await page.context().close();
  }
} finally {
  await stage.tearDown();
}
