import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'models run in a thread of the agent and not in a process of their own',
  edits: [
    {
      file: 'agent/supervise/generation-process.ts',
      find: `import { fork, type ChildProcess, type Serializable } from 'node:child_process'`,
      put: `import type { ChildProcess, Serializable } from 'node:child_process'
import { fork } from '../../test/planted/worker/fork.ts'`,
    },
  ],
  detector: {
    file: 'test/unit/agent/supervise/faults.test.ts',
    test: 'case 17: a file that crashes onnxruntime takes only its process, and only it is blamed',
  },
}
