import { useQuery, type Answer } from './use-query.ts'

/** Follows a long piece of work until it ends. @param job `null`: none yet */
export function useJob(job: string | null): Answer<'jobs.show'> {
  return useQuery('jobs.show', { job: job ?? '' }, { enabled: job !== null })
}
