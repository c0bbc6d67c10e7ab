// Hand-written until `npm run generate` can read the server's own description; same shape as the generated file.
/* eslint-disable */
type Json<T> = { content: { 'application/json': T } };
type Ok<T> = { 200: { headers: Record<string, unknown> } & Json<T> };
type Body<B> = [B] extends [never] ? { requestBody?: never } : { requestBody: Json<B> };
type Op<T, Q = {}, P = {}, B = never> = { parameters: { query?: Q; path: P; header?: never; cookie?: never }; responses: Ok<T> } & Body<B>;
type OpNoPath<T, Q = {}, B = never> = { parameters: { query?: Q; path?: never; header?: never; cookie?: never }; responses: Ok<T> } & Body<B>;
type S = components['schemas'];
type Id = { upload_id: string };
type UploadAnswer = { upload_id: string; data: S['UploadProcData'] };
type Paging = { page_size?: number; page?: number; order_by?: string; order?: 'asc' | 'desc' };

export interface paths {
  '/uploads': {
    get: OpNoPath<{ pagination: S['Pagination']; data: S['UploadProcData'][] }, Paging & { roles?: string[]; is_published?: boolean; process_status?: string; upload_name?: string[]; include_all?: boolean }>;
    post: OpNoPath<UploadAnswer, { upload_name?: string; embargo_length?: number }>;
  };
  '/uploads/{upload_id}': { get: Op<UploadAnswer, {}, Id>; delete: Op<UploadAnswer, {}, Id> };
  '/uploads/{upload_id}/entries': {
    get: Op<{ processing_successful: number; processing_failed: number; pagination: S['Pagination']; data: S['EntryProcData'][] }, Paging, Id>;
  };
  '/uploads/{upload_id}/rawdir/{path}': { get: Op<S['RawDir'], { include_entry_info?: boolean; page_size?: number; page?: number }, Id & { path: string }> };
  '/uploads/{upload_id}/raw/{path}': { delete: Op<UploadAnswer, {}, Id & { path: string }> };
  '/entries/query': { post: OpNoPath<S['EntriesAnswer'], {}, S['EntriesQuery']> };
  '/entries/{entry_id}': { get: Op<{ entry_id: string; data: S['EntryMetadata'] }, {}, { entry_id: string }> };
  '/entries/{entry_id}/rawdir': { get: Op<{ entry_id: string; data: { entry_id: string; upload_id: string; mainfile: string; files: { path: string; size: number }[] } }, {}, { entry_id: string }> };
  '/entries/{entry_id}/archive': { get: Op<{ entry_id: string; data: { entry_id: string; upload_id: string; parser_name: string; archive: Record<string, unknown> } }, {}, { entry_id: string }> };
  '/auth/pats': {
    get: OpNoPath<{ pagination: S['Pagination']; data: S['PAT'][] }, { page_size?: number; page?: number; order_by?: string; state?: 'active' | 'inactive'; search?: string }>;
    post: OpNoPath<S['NewPAT'], {}, { metadata: { name: string; scopes: string[]; description?: string | null }; expires_in_days: number | null }>;
  };
  '/auth/pats/{pat_id}': { get: Op<S['PAT'], {}, { pat_id: string }>; delete: Op<undefined, {}, { pat_id: string }> };
  '/auth/pats/{pat_id}/rotate': { post: Op<S['NewPAT'], {}, { pat_id: string }> };
  '/scopes': { get: OpNoPath<{ data: S['Scope'][] }> };
  '/users': { get: OpNoPath<{ data: S['User'][] }, { user_id?: string[]; prefix?: string }> };
}

export interface components {
  schemas: {
    Pagination: { page_size: number; total: number; page?: number; next_page_after_value?: string; order?: string; order_by?: string };
    Allowed: { [operation: string]: { ok: boolean; why?: string } };
    UploadProcData: {
      upload_id: string; upload_name?: string; description?: string; upload_create_time: string; main_author: string;
      coauthors?: string[]; reviewers?: string[]; coauthor_groups?: string[]; reviewer_groups?: string[]; writers?: string[]; viewers?: string[];
      published: boolean; publish_time?: string; with_embargo: boolean; embargo_length: number; license?: string; entries: number;
      process_running: boolean; process_status: 'READY' | 'PENDING' | 'RUNNING' | 'WAITING_FOR_RESULT' | 'SUCCESS' | 'FAILURE';
      current_process?: string; last_status_message?: string; errors?: string[]; warnings?: string[]; complete_time?: string;
      files?: number; bytes?: number; entries_failed?: number; entries_processed?: number; allowed?: S['Allowed'];
    };
    EntryProcData: {
      entry_id: string; upload_id: string; mainfile: string; parser_name?: string; entry_create_time?: string;
      process_running: boolean; process_status: 'READY' | 'PENDING' | 'RUNNING' | 'WAITING_FOR_RESULT' | 'SUCCESS' | 'FAILURE';
      last_status_message?: string; errors?: string[]; warnings?: string[]; entry_metadata?: S['EntryMetadata'];
    };
    RawDirItem: { name: string; is_file: boolean; size: number; entry_id?: string; parser_name?: string };
    RawDir: {
      path: string; access: 'unpublished' | 'embargoed' | 'public';
      file_metadata?: { name: string; size: number; entry_id?: string; parser_name?: string };
      directory_metadata?: { name: string; size: number; content: S['RawDirItem'][] };
      pagination?: S['Pagination'];
    };
    EntryMetadata: { [key: string]: unknown };
    EntriesQuery: { owner?: string; query?: { [key: string]: unknown }; pagination?: { page_size?: number; order_by?: string; order?: 'asc' | 'desc'; page_after_value?: string }; required?: { include?: string[]; exclude?: string[] }; aggregations?: { [name: string]: { [type: string]: unknown } } };
    EntriesAnswer: { owner: string; pagination: S['Pagination']; data: S['EntryMetadata'][]; aggregations?: { [name: string]: { [type: string]: unknown } } };
    PAT: { id: string; name: string; scopes: string[]; description: string | null; revoked: boolean; created_at: string; expired_at: string | null; last_used_at: string | null };
    NewPAT: { pat: S['PAT']; raw_token: string };
    Scope: { scope: string; resource: string; action: string; sentence: string; pat_allowed: boolean };
    User: { user_id: string; username?: string; name?: string; first_name?: string; last_name?: string; email?: string | null; affiliation?: string | null; is_admin?: boolean };
  };
}
