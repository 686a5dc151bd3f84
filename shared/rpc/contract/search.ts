import { z } from 'zod'
import { text } from '../../protocol/message.ts'
import { query } from '../method.ts'
import { linkTarget } from './link-target.ts'

export const searchMethods = {
  'search.all': query(
    'Devices, models, versions, deployments, rollouts, saved queries and pages whose name begins with or holds a text, the best first.',
    z.strictObject({ text: text(200), limit: z.int().min(1).max(20).default(20) }),
    z.object({
      results: z
        .array(
          z.object({
            kind: z.enum(['device', 'model', 'version', 'deployment', 'rollout', 'query', 'page']),
            title: text(300),
            detail: text(600).describe('What it is, or where the text was found.'),
            target: linkTarget,
          }),
        )
        .max(20),
    }),
  ),
} as const
