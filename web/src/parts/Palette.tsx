import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type JSX, type KeyboardEvent } from 'react';
import { uploadsNamedQuery } from '../api/queries/uploads';
import { nameOfUpload } from '../messages/uploads';
import { useUser } from '../session';
import { IconFolder, IconSearch } from '../ui/icons';
import { placesFor } from './pagesOfApp';
import styles from './Palette.module.css';

interface Choice {
  id: string;
  label: string;
  hint: string;
  icon: typeof IconSearch;
  go: () => Promise<void>;
}

interface PaletteProps {
  opened: boolean;
  /** Gives, once, what was typed before the field had the focus. */
  takeEarly: () => string;
  onClose: () => void;
}

const shortest = 2;

/** Search or go to: pages, my uploads by name, and a search for what was typed. */
export function Palette({ opened, takeEarly, onClose }: PaletteProps): JSX.Element {
  return (
    <Modal.Root opened={opened} onClose={onClose} padding={0} size={560} yOffset="10vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      {/* Its name must stand here: <Modal> without a title puts it on a box around the dialog. */}
      <Modal.Content aria-label="Search or go to">
        <Modal.Body>
          <PaletteBody takeEarly={takeEarly} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function PaletteBody({ takeEarly, onClose }: Omit<PaletteProps, 'opened'>): JSX.Element {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const choices = useChoices(text.trim());
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    void choice.go();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt((at + step + choices.length) % choices.length);
    } else if (event.key === 'Enter') {
      choose(choices[at]);
    }
  };
  return (
    <>
      <div className={styles.field}>
        <IconSearch size={20} aria-hidden />
        <input
          role="combobox"
          aria-label="Search or go to"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={`${list}-${at}`}
          placeholder="Page, upload, or words to search for"
          value={text}
          data-autofocus
          onFocus={() => {
            const typed = takeEarly();
            setText((before) => before + typed);
          }}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <div id={list} role="listbox" aria-label="Where to go" className={styles.list}>
        {choices.map((choice, index) => (
          // The field keeps the focus and handles the keys; the options are for the mouse.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={choice.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            onMouseMove={() => {
              setAt(index);
            }}
            onClick={() => {
              choose(choice);
            }}
          >
            <choice.icon size={18} stroke={1.7} aria-hidden />
            <span className="clip">{choice.label}</span>
            <span className={styles.hint}>{choice.hint}</span>
          </div>
        ))}
      </div>
    </>
  );
}

function useChoices(text: string): Choice[] {
  const navigate = useNavigate();
  const user = useUser();
  const uploads = useQuery({ ...uploadsNamedQuery(text), enabled: user !== null && text.length >= shortest });
  const wanted = text.toLowerCase();
  const pages = placesFor(user)
    .filter((place) => place.label.toLowerCase().includes(wanted))
    .map((place): Choice => ({ id: place.to, label: place.label, hint: `g ${place.key}`, icon: place.icon, go: () => navigate({ to: place.to }) }));
  const found = (uploads.data ?? []).map(
    (upload): Choice => ({
      id: upload.upload_id,
      label: nameOfUpload(upload),
      hint: 'Upload',
      icon: IconFolder,
      go: () => navigate({ to: '/uploads/$id', params: { id: upload.upload_id } }),
    }),
  );
  const search: Choice = { id: 'search', label: `Search for “${text}”`, hint: 'Entries', icon: IconSearch, go: () => navigate({ to: '/search', search: { q: text } }) };
  return [...pages, ...found, ...(text === '' ? [] : [search])];
}
