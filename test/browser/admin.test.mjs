// An administrator's day: somebody is invited and comes in by the link, the policy
// is changed with its consequence in sight and holds at once, somebody is disabled,
// and the audit log shows all of it.
import assert from 'node:assert/strict';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { fillSignIn, signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const janas = 'another sentence, also fine';

const admin = await journey('admin', {
  prepare: async (oasis) => {
    await oasis.addUser('mara', password, '--admin');
    await oasis.addUser('kim', password);
  },
});
let mara;
let jana;

const go = (page, name) => page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name }).click();

admin.step('everybody with an account is listed, with role and state', async () => {
  mara = await admin.person({ permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = mara;
  await signIn(page, admin.oasis, 'mara', password);
  await go(page, 'People');
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
  await page.getByRole('row', { name: /mara.*Administrator/ }).waitFor();
  await page.getByRole('row', { name: /kim.*Member/ }).waitFor();
  await look(page, 'people');
});

admin.step('an invitation gives a link, once', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('E-mail').fill('jana@example.org');
  await dialog.getByLabel('First name').fill('Jana');
  await dialog.getByLabel('Last name').fill('Novák');
  await dialog.getByLabel('User name').fill('jana');
  await look(page, 'people-invite');
  await dialog.getByRole('button', { name: 'Make the account' }).click();
  const shown = page.getByRole('dialog', { name: 'A link for Jana Novák' });
  await shown.getByText('This is the only time the link is shown.').waitFor();
  await look(page, 'people-link');
  await shown.getByRole('button', { name: 'Copy the link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/gui\/link#\S+$/);
  await shown.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /Jana Novák.*Invited/ }).waitFor();
  assert.equal(await page.getByText(link).count(), 0);

  jana = await admin.person();
  await jana.page.goto(link);
  await jana.page.getByLabel('Password', { exact: true }).fill(janas);
  await jana.page.getByRole('button', { name: 'Begin' }).click();
  await jana.page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
});

admin.step('the policy shows what is in force and who may do what', async () => {
  const { page } = mara;
  await go(page, 'Access policy');
  await page.getByRole('heading', { level: 1, name: 'Access policy' }).waitFor();
  await page.getByText('Lets in 3 of 3 accounts.').waitFor();
  await page.getByRole('row', { name: /Read published data/ }).waitFor();
  await look(page, 'policy');
});

admin.step('a list without oneself cannot be applied', async () => {
  const { page } = mara;
  await page.getByRole('radio', { name: 'Only people on this list' }).check();
  await page.getByText('The list is empty: nobody is let in.').waitFor();
  await page.getByText(/You would lock yourself out/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Apply now' }).isDisabled(), true);
});

admin.step('a draft names whom it locks out, and holds at once when applied', async () => {
  const { page } = mara;
  const field = page.getByRole('textbox', { name: 'On the list' });
  await field.fill('mara');
  await field.press('Enter');
  await field.fill('jana@example.org');
  await page.getByRole('button', { name: /^Add/, disabled: false }).click();
  await page.getByText('Locks out kim.').waitFor();
  await page.getByText(/You stay in\./).waitFor();
  await look(page, 'policy-draft');
  await page.getByRole('button', { name: 'Apply now' }).click();
  await page.getByText('In force now.').waitFor();
  await page.getByText('Lets in 2 of 3 accounts.').waitFor();

  const kim = await admin.person();
  kim.expect(/40[13]/);
  await kim.page.goto(`${admin.oasis.gui}sign-in`);
  await fillSignIn(kim.page, 'kim', password);
  await kim.page.waitForURL((url) => !url.pathname.endsWith('/sign-in') || url.search !== '', { timeout: 5000 }).catch(() => {});
  const status = await kim.page.evaluate(async (url) => (await fetch(url)).status, `${admin.oasis.url}/api/v1/uploads`);
  assert.equal(status, 403);
  await kim.close();
  const stays = await jana.page.evaluate(async (url) => (await fetch(url)).status, `${admin.oasis.url}/api/v1/uploads`);
  assert.equal(stays, 200);
});

admin.step('a question is answered with the way through the policy', async () => {
  const { page } = mara;
  const ask = page.getByRole('region', { name: 'Ask: may somebody do something?' });
  await ask.getByLabel('Who').fill('kim');
  await ask.getByLabel('Would do what').selectOption('createUpload');
  await ask.getByRole('button', { name: 'Ask' }).click();
  await ask.getByText('No (403).').waitFor();
  await ask.getByText(/adding kim/).waitFor();
  await look(page, 'policy-ask');
});

admin.step('somebody who is disabled is out at once, and can be let in again', async () => {
  const { page } = mara;
  await go(page, 'People');
  await page.getByRole('button', { name: 'Manage Jana Novák' }).click();
  const dialog = page.getByRole('dialog', { name: 'Jana Novák' });
  await dialog.getByRole('checkbox', { name: 'Lab manager' }).check();
  await page.getByText('Jana Novák is a lab manager now.').waitFor();
  await look(page, 'people-person');
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('row', { name: /Jana Novák.*Disabled/ }).waitFor();
  jana.expect(/40[13]/);
  const status = await jana.page.evaluate(async (url) => (await fetch(url)).status, `${admin.oasis.url}/api/v1/uploads`);
  assert.equal(status, 401);
  await page.getByText('Jana Novák is disabled and signed out everywhere.').locator('..').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('row', { name: /Jana Novák.*Active/ }).waitFor();
  await look(page, 'people-after');
});

admin.step('removing somebody asks first', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Manage kim' }).click();
  await page.getByRole('dialog', { name: 'kim' }).getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove the account of kim?' });
  await dialog.getByText(/Their uploads and entries stay/).waitFor();
  await look(page, 'people-remove');
  await dialog.getByRole('button', { name: 'Remove the account' }).click();
  await page.getByText('The account of kim is gone.').waitFor();
  await page.getByRole('row', { name: /kim/ }).waitFor({ state: 'detached' });
});

admin.step('the audit log shows who did it, what was refused, and why', async () => {
  const { page } = mara;
  await go(page, 'Audit log');
  await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
  for (const words of [/mara.*changed the access policy/, /mara.*invited somebody/, /mara.*disabled an account/, /mara.*removed an account/]) {
    await page.getByRole('row', { name: words }).first().waitFor();
  }
  await look(page, 'audit');
  await page.getByLabel('Outcome').selectOption({ label: 'Refused' });
  await page.waitForURL(/outcome=denied/);
  const refused = page.getByRole('row', { name: /kim.*listUploads/ }).first();
  await refused.getByRole('button', { name: /^Details/ }).click();
  await page.getByText('How this was decided').waitFor();
  await look(page, 'audit-row');
});

admin.step('the file has exactly the rows of the filter', async () => {
  const { page } = mara;
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'JSON lines of exactly this filter' }).click();
  const file = await (await coming).createReadStream();
  const lines = (await file.toArray()).join('').trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 0);
  assert.deepEqual([...new Set(lines.map(({ outcome }) => outcome))], ['denied']);
});

admin.step('for somebody else these pages do not exist in the rail, and the server refuses', async () => {
  jana.expect(/40[13]/);
  const { page } = jana;
  await page.goto(`${admin.oasis.gui}sign-in`);
  await fillSignIn(page, 'jana', janas);
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Access policy' }).count(), 0);
  await page.goto(`${admin.oasis.gui}admin/access`);
  await page.getByText('Nothing was changed.').waitFor();
  await look(page, 'admin-denied');
});
