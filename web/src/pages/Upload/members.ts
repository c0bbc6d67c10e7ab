import type { UploadEdit } from '../../api/queries/uploads';
import type { Upload } from '../../api/types';
import type { MemberRole } from '../../messages/access';

export interface Member {
  kind: 'person' | 'group';
  id: string;
  role: MemberRole;
}

export const everybody: readonly MemberRole[] = ['reviewer', 'coauthor'];

/** The people and groups with a role, those who may change first; who has both roles stands once, with the greater one. */
export function membersOf(upload: Upload): Member[] {
  const all: Member[] = [
    ...upload.coauthors.map((id) => ({ kind: 'person' as const, id, role: 'coauthor' as const })),
    ...upload.coauthor_groups.map((id) => ({ kind: 'group' as const, id, role: 'coauthor' as const })),
    ...upload.reviewers.map((id) => ({ kind: 'person' as const, id, role: 'reviewer' as const })),
    ...upload.reviewer_groups.filter((id) => id !== 'all').map((id) => ({ kind: 'group' as const, id, role: 'reviewer' as const })),
  ];
  return all.filter((member, index) => all.findIndex(({ kind, id }) => kind === member.kind && id === member.id) === index);
}

/** The edit that gives somebody a role, or none; the other role is taken in the same step. */
export function changeOf({ kind, id }: Pick<Member, 'kind' | 'id'>, role: MemberRole | undefined): UploadEdit {
  const listed = (wanted: MemberRole): { add: string[] } | { remove: string[] } => (role === wanted ? { add: [id] } : { remove: [id] });
  return kind === 'person' ? { coauthors: listed('coauthor'), reviewers: listed('reviewer') } : { coauthor_groups: listed('coauthor'), reviewer_groups: listed('reviewer') };
}
