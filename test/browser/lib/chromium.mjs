// Drives the system's Chromium. A page made here fails its test on anything a
// person would find in the console: errors, failed requests, blocked content.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

// Chromium talks to its maker's servers in the background: in a closed network
// each of these calls is a refused connection.
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a Chromium, or undefined; CHROMIUM in the environment wins. */
export async function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (await access(path, constants.X_OK).then(() => true, () => false)) return path;
    }
  }
  return undefined;
}

/** A reason to skip, in one line, or false; with CI=true a missing Chromium is an error. */
export async function withoutChromium() {
  if (await findChromium()) return false;
  const reason = "Chromium is missing: run 'make deps' as root, or install it and set CHROMIUM to its path";
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** Starts a headless browser; close it after the tests. */
export async function launch() {
  return chromium.launch({
    executablePath: await findChromium(),
    // The sandbox of Chromium refuses root. These pages are our own.
    chromiumSandbox: process.getuid?.() !== 0,
    args: flags,
  });
}

/** Opens a page in a browser of one person (own cookies), and watches it. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(15_000);
  const complaints = [];
  const expected = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`not caught: ${error.error().stack}`));
  context.on('requestfailed', (request) => {
    // A request that the page itself gave up, such as a superseded search, is no failure.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`no answer: ${request.method()} ${request.url()} ${request.failure()?.errorText}`);
  });
  const page = await context.newPage();
  return {
    page,
    context,
    /** Says that the console may complain about this, such as /401/ for a wrong password. */
    expect: (pattern) => expected.push(pattern),
    /** Fails if the console said anything that was not expected; then forgets it. */
    assertCalm() {
      const bad = complaints.splice(0).filter((text) => !expected.some((pattern) => pattern.test(text)));
      if (bad.length) throw new Error(`the browser's console says:\n${bad.join('\n')}`);
    },
    close: () => context.close(),
  };
}
