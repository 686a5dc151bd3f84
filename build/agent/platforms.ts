export const platforms = ['linux', 'darwin', 'win32'] as const
export type AgentPlatform = (typeof platforms)[number]
export const architectures = ['x64', 'arm64'] as const
export type AgentArchitecture = (typeof architectures)[number]

/** The machine that a bundle of the agent is for. */
export interface AgentTarget {
  platform: AgentPlatform
  architecture: AgentArchitecture
}

/** The package of the registry that has the Node program of a machine. */
export function nodePackage({ platform, architecture }: AgentTarget): string {
  return `node-${platform === 'win32' ? 'win' : platform}-${architecture}`
}

/** Name of the folder in the archive, and of the archive without its ending. */
export function bundleName(version: string, { platform, architecture }: AgentTarget): string {
  return `muster-agent-${version}-${platform}-${architecture}`
}
