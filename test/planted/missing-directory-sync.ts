import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'a replaced file whose name is not synced (missing fsync of the folder)',
  edits: [
    {
      file: 'shared/store/durable-file.ts',
      find: `  fs.renameSync(temporary, path)
  syncDirectory(fs, at.directory)
`,
      put: `  fs.renameSync(temporary, path)
`,
    },
  ],
  detector: {
    file: 'test/unit/shared/store/durable-file.test.ts',
    test: 'case 14: a replaced file is there after a power cut right behind the return',
  },
}
