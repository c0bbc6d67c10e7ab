// The base path is known only to the running server; it writes it into <base href>, which ends in /gui/.

/** The path of the app without its final slash, e.g. `/nomad-oasis/gui`; the router's base path. */
export function appPath(): string {
  return new URL(document.baseURI).pathname.replace(/\/+$/, '');
}

/** The address of the server's base path without final slash, e.g. `http://host/nomad-oasis`. */
export function serverUrl(): string {
  return new URL('..', document.baseURI).href.replace(/\/+$/, '');
}

/** The address of the API, e.g. `http://host/nomad-oasis/api/v1`. */
export function apiUrl(): string {
  return `${serverUrl()}/api/v1`;
}

/** Escapes each segment of a path inside an upload; slashes stay slashes. */
export function pathSegments(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The address of a raw file, or with a folder path and `zip` of a zip of that folder. */
export function rawFileUrl(uploadId: string, path: string, zip = false): string {
  return `${apiUrl()}/uploads/${encodeURIComponent(uploadId)}/raw/${pathSegments(path)}${zip ? '?compress=true' : ''}`;
}
