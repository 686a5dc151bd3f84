import { Spotlight, spotlight } from '@mantine/spotlight'
import { useDebouncedValue } from '@mantine/hooks'
import {
  IconBookmark,
  IconCommand,
  IconDeviceDesktop,
  IconFile,
  IconRocket,
  IconSearch,
  IconStack2,
  IconStairsUp,
} from '@tabler/icons-react'
import { useState } from 'react'
import { pathOf } from '../data/paths.ts'
import { useQuery } from '../data/use-query.ts'
import { commands, type CommandContext } from './commands.ts'
import { keyNames } from './shortcuts.ts'
import styles from './shell.module.css'

const icons = {
  device: IconDeviceDesktop,
  model: IconStack2,
  version: IconStack2,
  deployment: IconRocket,
  rollout: IconStairsUp,
  query: IconBookmark,
  page: IconFile,
} as const

/** Opens the palette from anywhere. */
export function openPalette(): void {
  spotlight.open()
}

/** Search over the whole fleet and every command, in one box. */
export function Palette({ context }: { context: CommandContext }) {
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text.trim(), 80)
  const found = useQuery('search.all', { text: asked }, { enabled: asked !== '', keepsPrevious: true })
  const words = text.trim().toLowerCase()
  const fitting = commands.filter(({ id, title }) => id !== 'command-palette' && id !== 'search' && title.toLowerCase().includes(words))
  const results = asked === '' ? [] : (found.data?.results ?? [])
  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut={null}
      scrollable
      maxHeight={420}
      centered={false}
      yOffset={72}
      transitionProps={{ duration: 0 }}
      overlayProps={{ backgroundOpacity: 0.3, blur: 0 }}
      classNames={{ action: styles.paletteAction!, actionsGroup: styles.paletteGroup! }}
    >
      <Spotlight.Search placeholder="Search devices, models, pages, commands" leftSection={<IconSearch size={16} />} aria-label="Search" />
      <Spotlight.ActionsList>
        {results.length > 0 && (
          <Spotlight.ActionsGroup label="Found">
            {results.map(({ kind, title, detail, target }) => {
              const Icon = icons[kind]
              return (
                <Spotlight.Action key={`${kind} ${title}`} onClick={() => context.go(pathOf(target))}>
                  <PaletteLine icon={<Icon size={16} stroke={1.6} />} title={title} detail={detail} keys={null} />
                </Spotlight.Action>
              )
            })}
          </Spotlight.ActionsGroup>
        )}
        {fitting.length > 0 && (
          <Spotlight.ActionsGroup label="Commands">
            {fitting.map((command) => (
              <Spotlight.Action key={command.id} onClick={() => command.run(context)}>
                <PaletteLine icon={<IconCommand size={16} stroke={1.6} />} title={command.title} detail="" keys={command.keys} />
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        )}
        {results.length === 0 && fitting.length === 0 && (
          <Spotlight.Empty>{found.isFetching ? 'Searching' : `Nothing is called "${text.slice(0, 60)}"`}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function PaletteLine({ icon, title, detail, keys }: { icon: React.ReactNode; title: string; detail: string; keys: string | null }) {
  return (
    <span className={styles.paletteLine}>
      {icon}
      <span className="foreign">{title}</span>
      <span className="foreign">{detail}</span>
      {keys !== null && <kbd className={styles.key}>{keyNames(keys)}</kbd>}
    </span>
  )
}
