import { useNavigate } from '@tanstack/react-router';
import { lazy, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useUser } from '../session';
import { placesFor } from './pagesOfApp';

const importPalette = () => import('./Palette');
const Palette = lazy(async () => ({ default: (await importPalette()).Palette }));

const chordTime = 1200;
// By then the page is there; who types Ctrl K later does not wait for the code.
const loadAfter = 500;

interface PaletteHandle {
  open: () => void;
  /** Fetches the palette's code before it is needed, on hover or focus. */
  load: () => void;
  element: ReactNode;
}

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null);

/** Ctrl K opens the palette, `g s`, `g u`, `g t` go to pages, `/` goes to the page's own filter; none of them while typing. */
export function usePalette(): PaletteHandle {
  const [opened, setOpened] = useState<boolean>();
  const navigate = useNavigate();
  const user = useUser();
  // What is typed between Ctrl K and the palette's field taking the focus; undefined = nothing is waited for.
  const early = useRef<string>(undefined);
  const open = useCallback(() => {
    early.current = '';
    setOpened(true);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => void importPalette(), loadAfter);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  useEffect(() => {
    let chord = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
      if (early.current !== undefined) {
        if (event.key.length === 1) early.current += event.key;
        return;
      }
      const place = event.timeStamp - chord < chordTime ? placesFor(user).find((one) => one.key === event.key) : undefined;
      chord = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (place !== undefined) {
        event.preventDefault();
        void navigate({ to: place.to });
      } else if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('input[data-page-filter]');
        if (filter !== null) {
          event.preventDefault();
          filter.focus();
        }
      }
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [navigate, open, user]);
  const element =
    opened === undefined ? null : (
      <Palette
        opened={opened}
        takeEarly={() => {
          const typed = early.current ?? '';
          early.current = undefined;
          return typed;
        }}
        onClose={() => {
          early.current = undefined;
          setOpened(false);
        }}
      />
    );
  return { open, load: () => void importPalette(), element };
}
