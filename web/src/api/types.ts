// Short names for the shapes of the API, so that pages do not spell out components['schemas'][…].
import type { components, operations } from './schema.gen';

type Schemas = components['schemas'];

export type Upload = Schemas['UploadProcData'];
export type EntryProcess = Schemas['EntryProcData'];
export type FolderItem = Schemas['RawDirItem'];
export type RawDir = Schemas['RawDir'];
export type Entry = Schemas['EntryMetadata'];
export type AccessToken = Schemas['PAT'];
export type NewAccessToken = Schemas['NewPAT'];
export type TokenPreview = Schemas['PATPreview'];
export type TokenUsage = Schemas['PATUsage'];
export type TokenRules = Schemas['PATRules'];
export type Scope = Schemas['Scope'];
export type User = Schemas['User'];
export type Group = Schemas['Group'];
export type GroupMember = Schemas['GroupMember'];
export type GroupEdit = Schemas['GroupEdit'];
export type Share = Schemas['Share'];
export type NewShare = Schemas['NewShare'];
export type Owner = NonNullable<Schemas['EntriesQuery']['owner']>;
export type Account = Schemas['Account'];
export type AccountChange = Schemas['ChangeAnyAccount'];
export type NewAccount = Schemas['NewAccount'];
export type Linked = Schemas['Linked'];
export type AccessRequest = Omit<Schemas['AccessRequest'], 'user'> & { user: User | null };
export type AuditRow = Schemas['AuditRow'];
export type AuditFilter = NonNullable<operations['listAudit']['parameters']['query']>;
export type PolicySettings = Schemas['PolicySettings'];
export type PolicyChanges = Schemas['PolicyChanges'];
export type PolicyOrigin = Schemas['PolicyOrigin'];
export type Policy = Schemas['Policy'];
export type PolicyPreview = Schemas['PolicyPreview'];
export type PolicyCell = Schemas['PolicyCell'];
export type ExplainQuestion = Schemas['ExplainQuestion'];
export type ExplainAnswer = Schemas['ExplainAnswer'];
export type ExplainOperation = Schemas['ExplainOperation'];
