import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { ProblemError } from '../../api/problem';
import type { Group, GroupEdit } from '../../api/types';
import { groupFormWords as words } from '../../messages/groups';
import { Dialog } from '../../ui/Dialog';
import { InlineProblem } from '../../ui/InlineProblem';

interface GroupDialogProps {
  /** The group to change; without one a new one is made. */
  group?: Group;
  onSave: (body: GroupEdit) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for the name and the description of a group. What the server finds wrong stands beside the field. */
export function GroupDialog({ group, onSave, onClose }: GroupDialogProps): JSX.Element {
  const [name, setName] = useState(group?.group_name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const save = useMutation({ mutationFn: () => onSave({ group_name: name, description: description.trim() === '' ? null : description.trim() }) });
  const problems = save.error instanceof ProblemError ? save.error.fields : [];
  const wrong = (field: string): string | undefined => problems.find(({ loc }) => loc.at(-1) === field)?.msg;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={group === undefined ? words.makeTitle : words.editTitle(group.group_name)} onClose={onClose} size={520}>
      <form onSubmit={submit} className="stack-l">
        <TextInput
          label={words.name}
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
          value={name}
          error={wrong('group_name') ?? (save.error instanceof ProblemError && save.error.status === 409 ? save.error.message : undefined)}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <Textarea
          label={words.description}
          description={words.descriptionHint}
          autosize
          minRows={2}
          value={description}
          error={wrong('description')}
          onChange={(event) => {
            setDescription(event.currentTarget.value);
          }}
        />
        {save.isError && problems.length === 0 && !(save.error instanceof ProblemError && save.error.status === 409) ? <InlineProblem error={save.error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {group === undefined ? words.make : words.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
