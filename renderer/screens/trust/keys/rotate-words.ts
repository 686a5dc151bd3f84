/** What can be replaced, in the order in which it is offered. */
export type Replaced = 'online' | 'targets' | 'root' | 'recover'

/** What each replacement is called, what it does, and what its button says. */
export const replacedWords: Record<Replaced, { label: string; text: string; action: string }> = {
  online: {
    label: 'Console',
    text: 'New keys for what the console signs each day. Devices follow when they hear the next root.',
    action: 'Replace the keys of the console',
  },
  targets: {
    label: 'Targets',
    text: 'A new targets key; the list of models and every model are signed with it.',
    action: 'Replace the targets key',
  },
  root: { label: 'Root', text: 'Three new root keys, signed in by two of the old ones.', action: 'Replace the root keys' },
  recover: {
    label: 'After a theft',
    text: 'After a theft of this console: new keys of the console and a new epoch. Every order is signed again, and what the thief signed counts no more.',
    action: 'Shut the thief out',
  },
}
