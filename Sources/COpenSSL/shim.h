#pragma once
#include <openssl/crypto.h>
#include <openssl/rand.h>
