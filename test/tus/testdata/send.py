"""Sends a file with the stock client: send.py ENDPOINT TOKEN FILE STATE CHUNK [STOP]

STATE keeps the address of the transfer between runs; with STOP the run ends after
so many chunks, as if somebody had closed the laptop.
"""
import os
import sys

from tusclient import client

endpoint, token, path, state, chunk = sys.argv[1:6]
stop = int(sys.argv[6]) if len(sys.argv) > 6 else None
tus = client.TusClient(endpoint, headers={"Authorization": "Bearer " + token})
options = {"file_path": path, "chunk_size": int(chunk), "metadata": {"path": "runs/", "filename": os.path.basename(path)}}
if os.path.exists(state):
    with open(state, encoding="utf-8") as kept:
        options["url"] = kept.read()
uploader = tus.uploader(**options)
print("begins at", uploader.offset)
chunks = 0
while uploader.offset < uploader.get_file_size() and (stop is None or chunks < stop):
    uploader.upload_chunk()
    chunks += 1
    with open(state, "w", encoding="utf-8") as kept:
        kept.write(uploader.url)
print("ends at", uploader.offset)
