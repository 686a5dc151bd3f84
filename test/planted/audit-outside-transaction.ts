import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'the audit entry is written after the commit of what it tells of',
  edits: [
    {
      file: 'electron/core/api/run-command.ts',
      find: `      if (isUnaudited(method)) return made
`,
      put: '',
    },
    {
      file: 'electron/core/api/run-command.ts',
      find: `      store.audit.append({ at: now(), actor: caller.actor, action: method, detail, devices: store.roster.touched() })
`,
      put: `      const entry = { at: now(), actor: caller.actor, action: method, detail, devices: store.roster.touched() }
      if (!isUnaudited(method)) effects.unshift(() => void store.audit.append(entry))
`,
    },
  ],
  detector: { file: 'test/unit/electron/core/api/run-command.test.ts', test: 'whose audit entry cannot be written changes nothing' },
}
