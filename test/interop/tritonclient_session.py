"""Drives a running agent with NVIDIA's tritonclient and prints what it saw as one JSON object.

Arguments: HOST:PORT of the agent, and a JSON list of rows for the input `pixels` of the model `reader`. The models `echo-<datatype>`
give back what they get.
"""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

client = http.InferenceServerClient(sys.argv[1])
rows = np.array(json.loads(sys.argv[2]), dtype=np.float32)


def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    return None


def infer(data, *, name="pixels", datatype="FP32", binary=False, outputs=("label",), **more):
    tensor = http.InferInput(name, list(data.shape), datatype)
    tensor.set_data_from_numpy(data, binary_data=binary)
    wanted = outputs and [http.InferRequestedOutput(output, binary_data=False) for output in outputs]
    result = client.infer("reader", [tensor], outputs=wanted, **more)
    answer = result.get_response()
    return {
        "model": [answer["model_name"], answer["model_version"]],
        "id": answer["id"],
        "outputs": {one["name"]: result.as_numpy(one["name"]).tolist() for one in answer["outputs"]},
        "types": {one["name"]: str(result.as_numpy(one["name"]).dtype) for one in answer["outputs"]},
    }


def echoed(datatype, data, binary):
    """True if the identity model of a datatype gives back what it was sent, in the same form."""
    tensor = http.InferInput("x", list(data.shape), datatype)
    tensor.set_data_from_numpy(data, binary_data=binary)
    wanted = [http.InferRequestedOutput("y", binary_data=binary)]
    got = client.infer(f"echo-{datatype.lower()}", [tensor], outputs=wanted).as_numpy("y")
    if datatype == "BYTES":
        # As bytes the client leaves texts as they came, in JSON it reads them.
        texts = [text.decode() if isinstance(text, bytes) else text for text in got.ravel()]
        return texts == data.ravel().tolist() and got.shape == data.shape
    same = np.array_equal(got, data)
    return bool(same) and got.dtype == data.dtype


VALUES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535]], dtype=np.uint16),
    "UINT32": np.array([[0, 4294967295]], dtype=np.uint32),
    "UINT64": np.array([[0, 18446744073709551615]], dtype=np.uint64),
    "INT8": np.array([[-128, 127]], dtype=np.int8),
    "INT16": np.array([[-32768, 32767]], dtype=np.int16),
    "INT32": np.array([[-2147483648, 2147483647]], dtype=np.int32),
    "INT64": np.array([[-9007199254740993, 9223372036854775807]], dtype=np.int64),
    "FP16": np.array([[-1.5, 65504, 6e-8]], dtype=np.float16),
    "FP32": np.array([[-1.5, 3.4028235e38, 1e-45]], dtype=np.float32),
    "FP64": np.array([[-1.5, 1.7976931348623157e308, 5e-324]], dtype=np.float64),
    "BYTES": np.array([["Grün", "", "a,b\n"]], dtype=np.object_),
}
# What JSON of the client can carry: no half precision, and whole numbers only as far as a double holds them.
JSON_VALUES = {**VALUES, "UINT64": np.array([[0, 2**53 - 1]], dtype=np.uint64), "INT64": np.array([[1 - 2**53, 7]], dtype=np.int64)}

first = rows[:1]
seen = {
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "server": client.get_server_metadata(),
    "model": client.get_model_metadata("reader"),
    "version": client.get_model_metadata("reader", "1.1.0"),
    "modelReady": [client.is_model_ready(*of) for of in (("reader",), ("reader", "1.1.0"), ("reader", "9"), ("nobody",))],
    "one": infer(first, request_id="order-7"),
    "all": infer(rows, outputs=None, model_version="1.1.0"),
    "refused": {
        "version": refused(lambda: client.get_model_metadata("reader", "9")),
        "compressed": refused(lambda: infer(first, request_compression_algorithm="gzip")),
        "input": refused(lambda: infer(first, name="image")),
        "output": refused(lambda: infer(first, outputs=("nothing",))),
        "datatype": refused(lambda: infer(first.astype(np.float64), datatype="FP64")),
        "width": refused(lambda: infer(first[:, :3])),
        "rows": refused(lambda: infer(first[:0])),
    },
    "binaryIn": infer(rows, binary=True),
    "binary": {datatype: echoed(datatype, VALUES[datatype], True) for datatype in VALUES},
    "json": {datatype: echoed(datatype, JSON_VALUES[datatype], False) for datatype in VALUES if datatype != "FP16"},
    "metadata": {datatype: client.get_model_metadata(f"echo-{datatype.lower()}")["inputs"][0]["datatype"] for datatype in VALUES},
    "after": infer(first),
}
print(json.dumps(seen))
