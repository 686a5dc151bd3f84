import { Modal, SimpleGrid } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { paths } from '../data/paths.ts'
import { commands, placeKeys } from './commands.ts'
import { keyNames } from './shortcuts.ts'
import styles from './shell.module.css'

/** Every key of the console on one sheet, and the way to the guides. */
export function KeyboardMap({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  const groups = new Map<string, { keys: string; does: string }[]>([
    ['Everywhere', commands.flatMap(({ keys, title }) => (keys === null ? [] : [{ keys, does: title }]))],
  ])
  for (const { place, keys, does } of placeKeys) groups.set(place, [...(groups.get(place) ?? []), { keys, does }])
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keyboard map" size="lg">
      <p>
        <RouteLink href={paths.help()} onClick={onClose}>
          Guides, runbooks and references are in Help
        </RouteLink>
      </p>
      <SimpleGrid cols={2} spacing="xl">
        {[...groups].map(([place, keys]) => (
          <section key={place}>
            <h3>{place}</h3>
            {keys.map((one) => (
              <div key={one.keys} style={{ display: 'flex', justifyContent: 'space-between', padding: '3px 0' }}>
                <span>{one.does}</span>
                <kbd className={styles.key}>{keyNames(one.keys)}</kbd>
              </div>
            ))}
          </section>
        ))}
      </SimpleGrid>
    </Modal>
  )
}
