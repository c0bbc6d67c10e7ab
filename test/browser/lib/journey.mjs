// A journey: one test file, one server, one browser, steps that build on each
// other. After a step that failed the later ones are skipped, and pictures of what
// everybody saw are in out/failed-….png.
import { after, before, test } from 'node:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, person, withoutChromium } from './chromium.mjs';
import { Oasis } from './oasis.mjs';

const out = join(import.meta.dirname, '../out');

/**
 * Starts a journey; `name` is the start of its pictures' names. `prepare(oasis)`
 * runs before the first step. The object it gives fills `oasis` before any step runs.
 */
export async function journey(name, { prepare = async () => {}, ...options } = {}) {
  const skip = await withoutChromium();
  const people = [];
  let browser;
  let failed;
  const self = {
    oasis: undefined,
    /** Opens a page for one more person. */
    async person(options) {
      const one = await person(browser, options);
      people.push(one);
      return one;
    },
    /** One step; nobody's console may have complained at its end. */
    step(title, act) {
      test(title, { skip }, async (t) => {
        if (failed) return t.skip(`not reached: "${failed}" failed`);
        try {
          await act();
          for (const one of people) one.assertCalm();
        } catch (error) {
          failed = title;
          await mkdir(out, { recursive: true });
          for (const [index, { page }] of people.entries()) {
            await page.screenshot({ path: join(out, `failed-${name}-${index}.png`) }).catch(() => {});
          }
          error.message += `\nthe server said:\n${self.oasis.output()}`;
          throw error;
        }
      });
    },
  };
  before(async () => {
    if (skip) return;
    [self.oasis, browser] = await Promise.all([Oasis.start(options), launch()]);
    await prepare(self.oasis);
  });
  after(async () => {
    await browser?.close();
    await self.oasis?.stop();
  });
  return self;
}
