import protobuf from 'protobufjs'

/** The part of `io.prometheus.client` that we write, as its authors publish it: names and numbers of the fields are the protocol. */
const schema = `
syntax = "proto3";
message LabelPair { string name = 1; string value = 2; }
enum MetricType { COUNTER = 0; GAUGE = 1; SUMMARY = 2; UNTYPED = 3; HISTOGRAM = 4; GAUGE_HISTOGRAM = 5; }
message Gauge { double value = 1; }
message Counter { double value = 1; }
message Bucket { uint64 cumulative_count = 1; double upper_bound = 2; }
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram {
  uint64 sample_count = 1; double sample_sum = 2; repeated Bucket bucket = 3;
  sint32 schema = 5; double zero_threshold = 6; uint64 zero_count = 7;
  repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13;
}
message Metric { repeated LabelPair label = 1; Gauge gauge = 2; Counter counter = 3; Histogram histogram = 7; }
message MetricFamily { string name = 1; string help = 2; MetricType type = 3; repeated Metric metric = 4; }
`

/** A family as protobufjs reads it; counts of 64 bits are numbers. */
export interface ReadFamily {
  name: string
  help: string
  type: string
  metric: {
    label: { name: string; value: string }[]
    gauge?: { value: number }
    counter?: { value: number }
    histogram?: {
      sampleCount: number
      sampleSum: number
      bucket: { cumulativeCount: number; upperBound: number }[]
      schema: number
      zeroThreshold: number
      zeroCount: number
      positiveSpan: { offset: number; length: number }[]
      positiveDelta: number[]
    }
  }[]
}

/** Reads the protobuf form of Prometheus with a reader that is not ours. */
export function readFamilies(bytes: Uint8Array): ReadFamily[] {
  const type = protobuf.parse(schema).root.lookupType('MetricFamily')
  const reader = protobuf.Reader.create(bytes)
  const families: ReadFamily[] = []
  while (reader.pos < reader.len)
    families.push(
      type.toObject(type.decodeDelimited(reader), { longs: Number, enums: String, arrays: true, defaults: false }) as ReadFamily,
    )
  return families
}

/** Native buckets of a histogram as `[index, count]`. */
export function cellsOf(histogram: NonNullable<ReadFamily['metric'][number]['histogram']>): [number, number][] {
  const cells: [number, number][] = []
  let index = 0
  let count = 0
  const deltas = histogram.positiveDelta.values()
  for (const { offset = 0, length } of histogram.positiveSpan) {
    index += offset
    for (let i = 0; i < length; i += 1) {
      count += deltas.next().value!
      cells.push([index, count])
      index += 1
    }
  }
  return cells
}
