import type { Group, Share, User } from '../src/api/types';

export const groupId = 'gThinFilmsAAAAAAAAAAAA';

export const group = (part: Partial<Group> = {}): Group => ({
  group_id: groupId,
  group_name: 'Thin films',
  description: 'Furnaces 1 to 4',
  owner: 'u-mara',
  members: ['u-mara', 'u-jana'],
  members_info: [
    { user_id: 'u-mara', role: 'owner' },
    { user_id: 'u-jana', role: 'member' },
  ],
  subgroups: [],
  member_count: 2,
  ...part,
});

export const groups = (list: Group[]): unknown => ({ pagination: { page_size: 50, total: list.length }, data: list });

export const person = (id: string, name: string): User => ({ user_id: id, username: name.split(' ')[0]?.toLowerCase() ?? '', name });

export const people = [person('u-mara', 'Mara Lindqvist'), person('u-jana', 'Jana Novák')];

export const share = (part: Partial<Share> = {}): Share => ({
  share_id: 's1',
  user_id: 'u-mara',
  with_user: null,
  with_group: groupId,
  role: 'reviewer',
  created: '2026-11-20T09:00:00Z',
  created_by: 'u-mara',
  ...part,
});
