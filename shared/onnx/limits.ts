/**
 * Bounds of a model file, each with its reason. A file beyond one of them is refused with `model.resource-limit`,
 * a format version outside its range with `model.unsupported`.
 */
export const onnxLimits = {
  /** protobuf cannot parse a message of 2 GiB or more, so the runtime could not either. */
  fileBytes: 2 ** 31 - 1,
  /** Fields and list elements read: bounds the time to about 1.5 s (30 ns each). A forest of 10 MB of thresholds and indices has about 4 million. */
  steps: 50_000_000,
  /** Subgraphs within subgraphs plus calls of local functions. Exporters make 3; onnxruntime overflows its stack at about 3,000. */
  nesting: 16,
  /** Sequences, maps and optionals within a type: real ones have 2. */
  typeNesting: 16,
  /** Nodes of the file, and nodes after every local function is inlined: large language models have about 10,000. */
  nodes: 1_000_000,
  /** Bodies of If, Loop and Scan in the file: bounds the memory of what is remembered of each. */
  subgraphs: 10_000,
  /** Local functions: torch.onnx writes a few hundred. */
  functions: 2_000,
  /** Inputs and outputs of one node: a wide Concat has some hundred. */
  nodeValues: 65_536,
  /** Attributes of one node: the largest standard operator has 25. */
  attributes: 256,
  /** Names of initializers, value types and shape computations remembered for the check of sizes: bounds the memory. */
  names: 500_000,
  /** Bytes of a name: scoped names of exporters reach some hundred. */
  nameBytes: 4_096,
  /** Dimensions of a tensor: onnxruntime works up to 8 in most kernels. */
  rank: 32,
  /** Elements of one tensor in the file: 2^31 of one byte is the largest file. */
  tensorElements: 2 ** 31,
  /** Elements of a tensor that the file asks to make: 1 GiB as float, more than an edge device has to spare. */
  madeElements: 2 ** 28,
  /** What a bundle manifest can carry (`tensorSpec` and `manifest`). */
  servedTensors: 64,
  servedNameLength: 256,
  servedRank: 8,
  operators: 4_096,
  producerLength: 1_024,
  /** Imported operator sets: real files have 1 to 6. */
  opsets: 64,
  /** Metadata goes into the manifest, which every device fetches: class names of 1,000 classes take 30 KB. */
  metadataEntries: 1_024,
  metadataKeyBytes: 1_024,
  metadataValueBytes: 256 * 1024,
  metadataBytes: 1024 * 1024,
  /** IR versions that onnxruntime-node 1.30 loads (tried 1 to 15). */
  irVersion: { min: 3, max: 13 },
  /** Versions of the operator sets that onnxruntime-node 1.30 loads and guarantees (tried 1 to 30 and 0 to 7). */
  opset: { min: 7, max: 26 },
  mlOpset: { min: 1, max: 5 },
} as const
