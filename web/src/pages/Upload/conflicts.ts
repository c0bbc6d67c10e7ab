import { readFolder } from '../../api/queries/uploads';
import type { FileToSend } from '../../api/transfer';

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The paths among `files` that exist in the upload already. Reads only folders that exist, from the top down. */
export async function existingPaths(uploadId: string, files: FileToSend[], below: string): Promise<Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { path } of files) {
    for (let at = path; at.length > below.length; at = folderOf(at)) {
      const folder = folderOf(at);
      wanted.set(folder, (wanted.get(folder) ?? new Set<string>()).add(at));
      if (folder === below) break;
    }
  }
  const found = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    const children = wanted.get(folder);
    if (children === undefined) return;
    const answer = await readFolder(uploadId, folder, 1);
    for (const item of answer.directory_metadata?.content ?? []) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      if (!children.has(path)) continue;
      if (item.is_file) found.add(path);
      else await visit(path);
    }
  };
  await visit(below);
  return new Set(files.map(({ path }) => path).filter((path) => found.has(path)));
}

/** Gives each clashing file the first free name of the form `scan~2.csv`. */
export function keepBoth(files: FileToSend[], taken: Set<string>): FileToSend[] {
  const used = new Set([...taken, ...files.filter(({ path }) => !taken.has(path)).map(({ path }) => path)]);
  return files.map(({ file, path }) => {
    if (!taken.has(path)) return { file, path };
    const name = path.slice(path.lastIndexOf('/') + 1);
    const dot = name.lastIndexOf('.');
    const stem = dot > 0 ? path.slice(0, path.length - name.length + dot) : path;
    const ending = dot > 0 ? name.slice(dot) : '';
    let number = 2;
    while (used.has(`${stem}~${number}${ending}`)) number += 1;
    used.add(`${stem}~${number}${ending}`);
    return { file, path: `${stem}~${number}${ending}` };
  });
}
