"""Talks to a scripted model server with the official packages of OpenAI and Anthropic.

usage: model_clients_test.py URL openai|anthropic

URL is the server's origin, which must play model_clients.jsonl. Prints `ok WHAT` for each check and exits with 1 at the
first that fails.
"""
import json
import sys


def check(what, condition, found):
    if not condition:
        print(f"failed {what}: {found!r}")
        sys.exit(1)
    print(f"ok {what}")


def failure(kind, call):
    try:
        call()
    except kind as error:
        return error
    except Exception as error:
        print(f"failed: wanted {kind.__name__}, found {error!r}")
        sys.exit(1)
    print(f"failed: wanted {kind.__name__}, found none")
    sys.exit(1)


TOOL = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


def openai_checks(url):
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0, timeout=20)
    chat = client.chat.completions

    def ask(text, **more):
        return chat.create(model="m", messages=[{"role": "user", "content": text}], **more)

    whole = ask("plain")
    check("openai: a whole reply", whole.choices[0].message.content == "Seven of them.", whole)
    usage = whole.usage
    check("openai: usage", (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (120, 9, 129), usage)
    check("openai: cached tokens", usage.prompt_tokens_details.cached_tokens == 100, usage)

    chunks = list(ask("plain", stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    check("openai: a streamed reply", text == "Seven of them.", chunks)
    check("openai: one chunk with usage, the last", [c.usage is not None for c in chunks].index(True) == len(chunks) - 1, chunks)
    check("openai: a reason for stopping", [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop", chunks)
    without = list(ask("plain", stream=True))
    check("openai: no usage unless asked for", all(c.usage is None for c in without), without)

    with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "tool"}]) as stream:
        final = stream.get_final_completion()
    call = final.choices[0].message.tool_calls[0]
    check("openai: a streamed tool call", (call.function.name, json.loads(call.function.arguments)) == ("search", {"word": "EV"}), final)
    check("openai: a whole tool call", ask("tool").choices[0].finish_reason == "tool_calls", final)
    declined = ask("decline").choices[0].message
    check("openai: a refusal", declined.refusal == "I will not." and declined.content is None, declined)

    busy = failure(openai.RateLimitError, lambda: ask("busy"))
    check("openai: 429 with Retry-After", busy.response.headers["retry-after"] == "3", busy)
    failure(openai.InternalServerError, lambda: ask("broken"))
    failure(openai.APIError, lambda: list(ask("error inside", stream=True)))
    failure(Exception, lambda: list(ask("cut", stream=True)))
    check("openai: failures", True, None)

    vectors = client.embeddings.create(model="m", input=["a", "b"])
    floats = client.embeddings.create(model="m", input=["a", "b"], encoding_format="float")
    near = all(abs(x - y) < 1e-6 for v, w in zip(vectors.data, floats.data) for x, y in zip(v.embedding, w.embedding))
    check("openai: embeddings in both encodings", near and len(vectors.data[0].embedding) == 8, vectors)
    check("openai: the list of models", [m.id for m in client.models.list()] == ["scripted"], None)

    azure = openai.AzureOpenAI(azure_endpoint=url, api_version="2024-10-21", api_key="k", max_retries=0, timeout=20)
    reply = azure.chat.completions.create(model="deployment", messages=[{"role": "user", "content": "plain"}])
    check("openai: Azure's path and header", reply.choices[0].message.content == "Seven of them.", reply)


def anthropic_checks(url):
    import anthropic

    client = anthropic.Anthropic(base_url=url, api_key="k", max_retries=0, timeout=20)

    def ask(text, **more):
        return client.messages.create(model="m", max_tokens=64, messages=[{"role": "user", "content": text}], **more)

    whole = ask("plain", system="You count.")
    check("anthropic: a whole reply", whole.content[0].text == "Seven of them.", whole)
    usage = whole.usage
    check("anthropic: usage", (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (20, 100, 9), usage)

    def final(text, **more):
        with client.messages.stream(model="m", max_tokens=64, messages=[{"role": "user", "content": text}], **more) as stream:
            pieces = list(stream.text_stream)
            return pieces, stream.get_final_message()

    pieces, message = final("plain")
    check("anthropic: a streamed reply", "".join(pieces) == "Seven of them." and len(pieces) > 1, pieces)
    check("anthropic: the message of a stream", message.content[0].text == "Seven of them." and message.stop_reason == "end_turn", message)
    check("anthropic: usage of a stream", (message.usage.input_tokens, message.usage.output_tokens) == (20, 9), message.usage)

    tools = [{"name": "search", "description": "finds", "input_schema": TOOL}]
    _, message = final("tool", tools=tools)
    check("anthropic: a streamed tool call", message.content[-1].input == {"word": "EV"} and message.stop_reason == "tool_use", message)
    check("anthropic: a whole tool call", ask("tool", tools=tools).content[-1].name == "search", None)
    forced = {"type": "tool", "name": "search"}
    _, message = final("json", tools=tools, tool_choice=forced)
    check("anthropic: JSON as the input of a tool", message.content[0].input == {"word": "EV"}, message)
    check("anthropic: a refusal", ask("decline").stop_reason == "refusal", None)

    busy = failure(anthropic.RateLimitError, lambda: ask("busy"))
    check("anthropic: 429 with Retry-After", busy.response.headers["retry-after"] == "3", busy)
    overloaded = failure(anthropic.APIStatusError, lambda: ask("overloaded"))
    check("anthropic: overloaded", overloaded.status_code == 529, overloaded)
    failure(anthropic.InternalServerError, lambda: ask("broken"))
    failure(anthropic.APIError, lambda: final("error inside"))
    failure(Exception, lambda: final("cut"))
    check("anthropic: failures", True, None)


if __name__ == "__main__":
    {"openai": openai_checks, "anthropic": anthropic_checks}[sys.argv[2]](sys.argv[1])
