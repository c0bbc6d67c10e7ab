import { useNavigate } from '@tanstack/react-router';
import { lazy, useCallback, useEffect, useState, type ReactNode } from 'react';
import { places } from './pagesOfApp';

const importPalette = () => import('./Palette');
const Palette = lazy(async () => ({ default: (await importPalette()).Palette }));

const chordTime = 1200;

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
  const open = useCallback(() => {
    setOpened(true);
  }, []);
  useEffect(() => {
    let chord = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpened(true);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
      const place = event.timeStamp - chord < chordTime ? places.find((one) => one.key === event.key) : undefined;
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
  }, [navigate]);
  const element =
    opened === undefined ? null : (
      <Palette
        opened={opened}
        onClose={() => {
          setOpened(false);
        }}
      />
    );
  return { open, load: () => void importPalette(), element };
}
