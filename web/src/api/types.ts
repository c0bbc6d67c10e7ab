// Short names for the shapes of the API, so that pages do not spell out components['schemas'][…].
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Upload = Schemas['UploadProcData'];
export type EntryProcess = Schemas['EntryProcData'];
export type FolderItem = Schemas['RawDirItem'];
export type RawDir = Schemas['RawDir'];
export type Entry = Schemas['EntryMetadata'];
export type AccessToken = Schemas['PAT'];
export type NewAccessToken = Schemas['NewPAT'];
export type Scope = Schemas['Scope'];
export type User = Schemas['User'];
export type Owner = NonNullable<Schemas['EntriesQuery']['owner']>;
