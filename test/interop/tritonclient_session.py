"""Drives a running agent with NVIDIA's tritonclient and prints what it saw as one JSON object.

Arguments: HOST:PORT of the agent, and a JSON list of rows for the input `pixels` of the model `reader`.
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
        "binary": refused(lambda: infer(first, binary=True)),
        "compressed": refused(lambda: infer(first, request_compression_algorithm="gzip")),
        "input": refused(lambda: infer(first, name="image")),
        "output": refused(lambda: infer(first, outputs=("nothing",))),
        "datatype": refused(lambda: infer(first.astype(np.float64), datatype="FP64")),
        "width": refused(lambda: infer(first[:, :3])),
        "rows": refused(lambda: infer(first[:0])),
    },
    "after": infer(first),
}
print(json.dumps(seen))
