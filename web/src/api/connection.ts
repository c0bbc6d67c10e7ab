// Whether the server can be reached, and whether the session still holds: two facts that any request may
// discover and that the shell shows once, above the page.

type Listener = () => void;

class Flag {
  #on = false;
  readonly #listeners = new Set<Listener>();
  readonly get = (): boolean => this.#on;
  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  set(on: boolean): void {
    if (this.#on === on) return;
    this.#on = on;
    for (const listener of this.#listeners) listener();
  }
}

/** On while the last request could not reach the server. */
export const disconnected = new Flag();

/** On while somebody who was signed in has to sign in again before the waiting requests go on. */
export const sessionEnded = new Flag();

let signedIn = false;
let waiting: ((again: boolean) => void)[] = [];

/** Tells the API layer whether a 401 means "the session ended" (ask for sign-in) or plainly "sign in first". */
export function rememberSignedIn(value: boolean): void {
  signedIn = value;
}

/** Waits until the person has signed in again; `false` when they were not signed in or gave up. */
export function signInAgain(): Promise<boolean> {
  if (!signedIn) return Promise.resolve(false);
  return new Promise((resolve) => {
    waiting.push(resolve);
    sessionEnded.set(true);
  });
}

/** Ends the wait of `signInAgain`: `true` repeats the waiting requests, `false` lets them fail. */
export function finishSignIn(again: boolean): void {
  const all = waiting;
  waiting = [];
  if (!again) signedIn = false;
  sessionEnded.set(false);
  for (const resolve of all) resolve(again);
}
