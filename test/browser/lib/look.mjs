// Looks at a page as people with other screens do: four pictures (1280 and 390
// pixels wide, light and dark) in out/, each judged by axe, none wider than its
// screen.
import { readFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const views = [
  { name: '1280-light', width: 1280, height: 800, scheme: 'light' },
  { name: '1280-dark', width: 1280, height: 800, scheme: 'dark' },
  { name: '390-light', width: 390, height: 844, scheme: 'light' },
  { name: '390-dark', width: 390, height: 844, scheme: 'dark' },
];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const out = join(import.meta.dirname, '../out');
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Takes the four pictures as out/NAME-VIEW.png; throws with all that is wrong in
 * any of them. With a width, only the two of that width.
 */
export async function look(page, name, width) {
  await mkdir(out, { recursive: true });
  const before = page.viewportSize();
  const faults = [];
  for (const view of views.filter((one) => width === undefined || one.width === width)) {
    await page.setViewportSize(view);
    await page.emulateMedia({ colorScheme: view.scheme });
    await page.evaluate(() => scrollTo(0, 0));
    await settled(page);
    await page.screenshot({ path: join(out, `${name}-${view.name}.png`), fullPage: true });
    const where = `${name} at ${view.name}`;
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    if (needed > view.width) faults.push(`${where}: the page is ${needed} pixels wide and scrolls sideways`);
    faults.push(...(await judge(page)).map((fault) => `${where}: ${fault}`));
  }
  if (before) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
  if (faults.length) throw new Error(faults.join('\n'));
}

// Fonts are there, finite animations are over, and two frames were drawn since.
async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const finite = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(finite.map((animation) => animation.finished));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}

/** What axe finds, one line per rule and element. It comes by the debugging protocol: the page's CSP refuses a script tag. */
export async function judge(page) {
  const session = await page.context().newCDPSession(page);
  try {
    await evaluate(session, `void (globalThis.axe ?? (() => { ${await axeSource} })())`);
    const options = JSON.stringify({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    const found = await evaluate(session, `axe.run(document, ${options}).then((result) => result.violations)`);
    return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.target.join(' ')} ${node.html}`));
  } finally {
    await session.detach();
  }
}

async function evaluate(session, expression) {
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}
