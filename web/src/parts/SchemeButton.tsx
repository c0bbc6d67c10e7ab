import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import type { JSX } from 'react';
import { shellWords } from '../messages/shell';
import { IconDeviceDesktop, IconMoon, IconSun } from '../ui/icons';

const next: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };

/** Goes round: as the system, light, dark. */
export function SchemeButton(): JSX.Element {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      size={36}
      color="var(--text)"
      aria-label={`Colours: ${shellWords.scheme[colorScheme]}. Change to: ${shellWords.scheme[next[colorScheme]]}`}
      title={`Colours: ${shellWords.scheme[colorScheme]}`}
      onClick={() => {
        setColorScheme(next[colorScheme]);
      }}
    >
      <Icon size={20} stroke={1.7} aria-hidden />
    </ActionIcon>
  );
}
