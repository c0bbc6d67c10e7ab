// The browser's part of passkeys (WebAuthn level 3: options and credentials as JSON). The server sends and takes JSON that
// it alone understands, so nothing here looks inside.

/** Whether this browser can make and use passkeys here; it needs HTTPS or localhost. */
export const passkeysWork = (): boolean => 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Lets the person prove a passkey; throws NotAllowedError when they stop it. */
export async function askPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(inner(options) as PublicKeyCredentialRequestOptionsJSON);
  return jsonOf(await navigator.credentials.get({ publicKey }));
}

/** Lets the person make a passkey; throws NotAllowedError when they stop it. */
export async function makePasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(inner(options) as PublicKeyCredentialCreationOptionsJSON);
  return jsonOf(await navigator.credentials.create({ publicKey }));
}

/** The options may be wrapped as navigator.credentials takes them. */
function inner(options: unknown): unknown {
  return typeof options === 'object' && options !== null && 'publicKey' in options ? options.publicKey : options;
}

function jsonOf(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('The browser gave no passkey.');
  return credential.toJSON();
}

/** Whether the person stopped the browser's question; that is no problem to show. */
export const wasStopped = (error: unknown): boolean => error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
