import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { groupNamesQuery } from '../api/queries/groups';
import { namesQuery } from '../api/queries/users';
import type { Upload } from '../api/types';
import { visibilitySentence } from '../messages/visibility';
import { useSession } from '../session';
import { IconLock, IconUsers, IconWorld } from '../ui/icons';
import { Says } from '../ui/Says';

/** The sentence of truth about who can see an upload. */
export function VisibilitySentence({ upload }: { upload: Upload }): JSX.Element | null {
  const session = useSession();
  const me = session.user?.user_id;
  const coauthors = upload.coauthors.filter((id) => id !== me);
  const reviewers = upload.reviewers.filter((id) => id !== me && !coauthors.includes(id));
  const ids = [upload.main_author, ...coauthors, ...reviewers];
  const names = useQuery(namesQuery(ids));
  const nameOf = (id: string): string => names.data?.get(id) ?? 'somebody';
  const groups = [...new Set([...upload.coauthor_groups, ...upload.reviewer_groups])].filter((id) => id !== 'all');
  const groupNames = useQuery(groupNamesQuery(groups));
  if (names.isPending || (groups.length > 0 && groupNames.isPending)) return null;
  const sentence = visibilitySentence({
    mine: upload.main_author === me,
    author: nameOf(upload.main_author),
    member: me !== undefined && (upload.coauthors.includes(me) || upload.reviewers.includes(me)),
    coauthors: coauthors.map(nameOf),
    reviewers: reviewers.map(nameOf),
    groups: groups.map((id) => ({ name: groupNames.data?.get(id) })),
    everyone: upload.reviewer_groups.includes('all'),
    published: upload.published,
    publishTime: upload.publish_time,
    embargoMonths: upload.with_embargo ? upload.embargo_length : 0,
    lab: session.lab_name,
    closed: session.require_authentication,
  });
  const alone = sentence.startsWith('Visible only');
  return (
    <Says tone="accent" icon={upload.published ? IconWorld : alone ? IconLock : IconUsers}>
      <strong>{sentence}</strong>
    </Says>
  );
}
