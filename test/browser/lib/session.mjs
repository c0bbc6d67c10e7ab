// Signing in as people do.

/** Signs a person in through the sign-in page and waits until it is left. */
export async function signIn(page, oasis, name, password) {
  await page.goto(`${oasis.gui}sign-in`);
  await page.getByLabel(/user ?name/i).fill(name);
  await page.getByLabel(/^password/i).fill(password);
  await page.getByRole('button', { name: /^sign in$/i }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
}
