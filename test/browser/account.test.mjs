// Somebody makes their account safe: an authenticator app, recovery codes, a
// passkey (Chromium's own virtual authenticator), another browser signed out.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { fillSignIn, signIn, signOut } from './lib/session.mjs';

const password = 'a sentence is fine';
const account = await journey('account', { host: 'localhost', prepare: (oasis) => oasis.addUser('mara', password, '--admin') });
let mara;
let elsewhere;
let secret;
let recovery;

/** The code of an authenticator app (RFC 6238); `step` 1 is the next one, because a code counts once. */
function code(step = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const openAccount = async (page) => {
  const rail = page.getByRole('navigation', { name: 'Main', exact: true });
  await rail.locator('button[aria-expanded]').click();
  await rail.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
};

account.step('the account page says who one is and where one is signed in', async () => {
  elsewhere = await account.person();
  await elsewhere.page.goto(`${account.oasis.gui}sign-in`);
  await elsewhere.page.getByRole('button', { name: 'Use a passkey' }).waitFor();
  await look(elsewhere.page, 'sign-in-passkey');
  await signIn(elsewhere.page, account.oasis, 'mara', password);
  mara = await account.person();
  await signIn(mara.page, account.oasis, 'mara', password);
  await openAccount(mara.page);
  await mara.page.getByText(/This browser/).waitFor();
  await look(mara.page, 'account');
});

account.step('the other browser is signed out from here', async () => {
  await mara.page.getByRole('button', { name: 'Sign out there' }).click();
  await mara.page.getByRole('button', { name: 'Sign out there' }).waitFor({ state: 'detached' });
  elsewhere.expect(/401/);
  await elsewhere.page.goto(`${account.oasis.gui}account/tokens`);
  await elsewhere.page.getByLabel('User name or e-mail').waitFor();
});

account.step('an authenticator app is set up by its first code and gives recovery codes', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Set up an app' }).click();
  secret = await page.locator('code', { hasText: /^[A-Z2-7]{16,}$/ }).innerText();
  await look(page, 'account-app');
  await page.getByLabel('Code from the app').fill(code());
  await page.getByRole('button', { name: 'Confirm' }).click();
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await codes.first().waitFor();
  recovery = (await codes.allInnerTexts()).map((text) => text.trim());
  assert.ok(recovery.length >= 8);
  await look(page, 'account-codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
});

account.step('from now on signing in asks for it', async () => {
  const { page } = mara;
  await signOut(page);
  await fillSignIn(page, 'mara', password);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  await look(page, 'sign-in-code');
  await page.getByLabel('Code', { exact: true }).fill(code(1));
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
});

account.step('a recovery code does in its place', async () => {
  const { page } = mara;
  await signOut(page);
  await fillSignIn(page, 'mara', password);
  await page.getByLabel('Code', { exact: true }).fill(recovery[0]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
});

account.step('a passkey is made, and signs in without name or password', async () => {
  const { page } = mara;
  const devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await openAccount(page);
  await page.getByLabel('Name, to know it again').fill('Laptop');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Laptop').waitFor();
  await signOut(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
  await devices.detach();
  await openAccount(page);
  await look(page, 'account-passkey');
});
