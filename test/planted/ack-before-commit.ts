import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'the console acknowledges records before they are committed',
  edits: [
    {
      file: 'electron/core/ingest/writer.ts',
      find: `      this.#queue.push(message)
`,
      put: `      this.#queue.push(message)
      const { spool, through } = readBatch(message.device, message.payload, message.receivedAt)
      const acks = [{ device: message.device, spool, through }]
      this.#options.post({ type: 'committed', batches: 0, records: 0, duplicates: 0, quarantined: 0, refused: [], acks })
`,
    },
    {
      file: 'electron/core/ingest/writer.ts',
      find: "    this.#options.post({ type: 'committed', ...committed })",
      put: "    this.#options.post({ type: 'committed', ...committed, acks: [] })",
    },
  ],
  detector: {
    file: 'test/unit/electron/core/ingest/writer.test.ts',
    test: 'that is away keeps every batch, says so, and goes on by itself',
  },
}
