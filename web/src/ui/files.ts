// What people choose or drop: files with the folder they came in. Browsers give three different shapes; this is one.

export interface Outgoing {
  file: File;
  /** The path with slashes, starting at the chosen or dropped folder: `scans/a.csv`. */
  path: string;
}

/** Files of an `<input type=file>`, with folders if it was a folder input. */
export const outgoingOf = (files: FileList): Outgoing[] =>
  Array.from(files, (file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }));

const pauseAfter = 500;

/** Walks dropped folders. Gives way to the page now and then, so that ten thousand files do not freeze it. */
export async function walkDropped(data: DataTransfer): Promise<Outgoing[]> {
  // The items are only valid during the drop event: take all entries before the first await.
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return outgoingOf(data.files);
  const found: Outgoing[] = [];
  const queue: FileSystemEntry[] = entries;
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    if (isFile(entry)) {
      found.push({ file: await fileOf(entry), path: entry.fullPath.replace(/^\//, '') });
      if (found.length % pauseAfter === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    } else if (isFolder(entry)) {
      queue.unshift(...(await childrenOf(entry)));
    }
  }
  return found;
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });

/** `readEntries` gives 100 children at a time and nothing when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** The one folder all files lie in, if there is one. */
export function commonFolder(files: Outgoing[]): string | undefined {
  const slash = files[0]?.path.indexOf('/') ?? -1;
  if (slash < 1) return undefined;
  const folder = files[0]?.path.slice(0, slash);
  return files.every((one) => one.path.startsWith(`${folder ?? ''}/`)) ? folder : undefined;
}
