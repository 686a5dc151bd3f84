import { paths } from '../data/paths.ts'
import { helpDocuments } from '../screens/help/help-documents.ts'
import { helpPage, pages } from './pages.ts'

/** Something a person can do from anywhere: the palette, the keyboard map and the desktop's menu are all made from this list. */
export interface ConsoleCommand {
  id: string
  title: string
  /** Keys as they are pressed: `mod` is Ctrl or Cmd; two keys one after the other are separated by a space. */
  keys: string | null
  run(context: CommandContext): void
}

/** What a command works with. */
export interface CommandContext {
  go(path: string): void
  openPalette(): void
  openKeyboardMap(): void
  toggleTheme(): void
  toggleRail(): void
}

export const commands: readonly ConsoleCommand[] = [
  { id: 'command-palette', title: 'Search and commands', keys: 'mod+k', run: ({ openPalette }) => openPalette() },
  { id: 'search', title: 'Search', keys: '/', run: ({ openPalette }) => openPalette() },
  { id: 'new-deployment', title: 'New deployment', keys: 'c d', run: ({ go }) => go(paths.deploy()) },
  { id: 'new-rollout', title: 'New rollout', keys: 'c r', run: ({ go }) => go(paths.newRollout()) },
  { id: 'import-model', title: 'Import a model', keys: 'c m', run: ({ go }) => go(paths.importModel) },
  { id: 'import-file', title: 'Import a .muster file', keys: null, run: ({ go }) => go(paths.importFile) },
  { id: 'model-sources', title: 'Sources of models', keys: null, run: ({ go }) => go(paths.modelSources) },
  { id: 'new-report', title: 'New report', keys: 'c y', run: ({ go }) => go(paths.newReport()) },
  { id: 'enrol-device', title: 'Enrol a device', keys: 'c e', run: ({ go }) => go(paths.enrol) },
  ...[...pages, helpPage].map(({ path, title, key }) => ({
    id: `go-${title.toLowerCase()}`,
    title: `Go to ${title.toLowerCase()}`,
    keys: `g ${key}`,
    run: ({ go }: CommandContext) => go(path),
  })),
  ...helpDocuments.map(({ name, title }) => ({
    id: `help-${name}`,
    title: `Help: ${title}`,
    keys: null,
    run: ({ go }: CommandContext) => go(paths.help(name)),
  })),
  { id: 'toggle-theme', title: 'Switch between light and dark', keys: 't', run: ({ toggleTheme }) => toggleTheme() },
  { id: 'toggle-rail', title: 'Fold the navigation', keys: '[', run: ({ toggleRail }) => toggleRail() },
  { id: 'keyboard-map', title: 'Keyboard map', keys: '?', run: ({ openKeyboardMap }) => openKeyboardMap() },
]

/** Keys that lists, panels and dialogs listen to; shown in the keyboard map. */
export const placeKeys: readonly { place: string; keys: string; does: string }[] = [
  { place: 'Lists', keys: '↑ ↓', does: 'Move through the rows' },
  { place: 'Lists', keys: 'Home End', does: 'First and last row' },
  { place: 'Lists', keys: 'PageUp PageDown', does: 'One screen up or down' },
  { place: 'Lists', keys: 'Enter', does: 'Open the row' },
  { place: 'Lists', keys: 'Space', does: 'Select the row' },
  { place: 'Lists', keys: 'Shift+↑ ↓', does: 'Select a range' },
  { place: 'Lists', keys: 'mod+A', does: 'Select everything that matches' },
  { place: 'Labelling', keys: '1 … 9', does: 'Give the label that stands under the key' },
  { place: 'Labelling', keys: 'S', does: 'Skip' },
  { place: 'Labelling', keys: 'U', does: 'Take back' },
  { place: 'Labelling', keys: '← →', does: 'Look at the samples around' },
  { place: 'Alerts', keys: 'A', does: 'Acknowledge what is selected or shown' },
  { place: 'Alerts', keys: 'S', does: 'Silence what is selected or shown' },
  { place: 'Help', keys: 'S', does: 'Search the guides' },
  { place: 'Help', keys: '↑ ↓', does: 'Move through what was found' },
  { place: 'Panels and dialogs', keys: 'Esc', does: 'Close' },
  { place: 'Query box', keys: 'Tab', does: 'Take the suggestion' },
  { place: 'Forms', keys: 'mod+Enter', does: 'Do what the main button does' },
]
