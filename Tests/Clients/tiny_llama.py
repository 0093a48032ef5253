"""Writes a Llama model of a few thousand random weights, for testing against a real llama.cpp server.

usage: tiny_llama.py MODEL.gguf      (needs the packages gguf and numpy)

What it answers is noise, but the server, its wire format and its grammars are real.
"""
import sys

import gguf
import numpy

WIDTH, INNER, HEADS, LAYERS, CONTEXT = 32, 64, 2, 1, 32768
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6  # the token types of GGUF

# Every byte is a token, so that any text can be read; printable ASCII once more, so that what is written is readable.
vocabulary = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)]
vocabulary += [(f"<0x{value:02X}>", 0.0, BYTE) for value in range(256)]
vocabulary += [("\u2581" if value == 32 else chr(value), -1.0, NORMAL) for value in range(32, 127)]

random = numpy.random.default_rng(1)
writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_feed_forward_length(INNER)
writer.add_block_count(LAYERS)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_vocab_size(len(vocabulary))
writer.add_tokenizer_model("llama")
writer.add_token_list([text for text, _, _ in vocabulary])
writer.add_token_scores([score for _, score, _ in vocabulary])
writer.add_token_types([kind for _, _, kind in vocabulary])
writer.add_unk_token_id(0)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_chat_template("{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant: ")


def weights(*shape):
    return (random.standard_normal(shape) / 20).astype(numpy.float32)


SHAPES = {
    "attn_q": (WIDTH, WIDTH), "attn_k": (WIDTH, WIDTH), "attn_v": (WIDTH, WIDTH), "attn_output": (WIDTH, WIDTH),
    "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER),
}
ones = numpy.ones(WIDTH, numpy.float32)
writer.add_tensor("token_embd.weight", weights(len(vocabulary), WIDTH))
writer.add_tensor("output.weight", weights(len(vocabulary), WIDTH))
writer.add_tensor("output_norm.weight", ones)
for layer in range(LAYERS):
    for norm in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.{layer}.{norm}.weight", ones)
    for name, shape in SHAPES.items():
        writer.add_tensor(f"blk.{layer}.{name}.weight", weights(*shape))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
