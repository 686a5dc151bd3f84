import { attention, ok, type Finding } from '../doctor/finding.ts'
import { enclosureOf, type Isolation } from './sandbox.ts'

const INSTALL = 'Install bubblewrap and permit user namespaces, or accept the weaker mode with isolation = "limits".'

/** What shuts models in on this machine, in words: a line of `muster-agent doctor`. */
export function isolationFinding(isolation: Isolation): Finding {
  const { enclosure, reason } = enclosureOf(isolation)
  switch (enclosure) {
    case 'bubblewrap':
      return ok('isolation', 'models run in bubblewrap: no network, no files but their own, limited memory')
    case 'limits':
      return isolation === 'limits'
        ? ok('isolation', 'models run in a process of their own with limits of memory, and see the files of this user')
        : attention('isolation', `models run with limits of memory only, and see the files of this user: ${reason}`, INSTALL)
    case 'process':
      return attention(
        'isolation',
        `models run in a process of their own; its memory is only watched: ${reason}`,
        'Deploy models that you trust, or run the agent on Linux with util-linux and bubblewrap.',
      )
  }
}
