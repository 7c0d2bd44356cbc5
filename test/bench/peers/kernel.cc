// The kernel of this machine as a peer: connections over loopback that connect, send 100 bytes and
// close, both ends in one process and one thread, so that one core does all of it.
//
// So many connections are opened, then all served, so that they are under way together.
// The calls block, but never for long: over loopback the other end answers within the call. That
// leaves out poll, and so measures TCP as kindly as can be.
//
// Every close is a real one and leaves a TIME-WAIT at the client. So that ports do not run out the
// connections go to many addresses of 127.0.0.0/8 in turn, each a port space of its own.
//
// Arguments: connections under way together, connections. One line of JSON comes out.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

const size_t kBytes = 100;
/** Destinations 127.1.0.1 to 127.1.3.250. */
const uint32_t kAddresses = 1000;

[[noreturn]] void
Fail(const char* what)
{
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

uint32_t
Destination(uint64_t number)
{
    const uint32_t n = number % kAddresses;
    return (127u << 24) | (1u << 16) | ((n / 250) << 8) | (n % 250 + 1);
}

int
Listen(sockaddr_in* address)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0)
        Fail("socket");
    std::memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(listener, reinterpret_cast<sockaddr*>(address), sizeof *address) != 0)
        Fail("bind");
    if (listen(listener, 4096) != 0)
        Fail("listen");
    socklen_t size = sizeof *address;
    if (getsockname(listener, reinterpret_cast<sockaddr*>(address), &size) != 0)
        Fail("getsockname");
    return listener;
}

} // namespace

int
main(int argc, char* argv[])
{
    if (argc != 3)
    {
        std::fprintf(stderr, "expected: concurrent connections\n");
        return 2;
    }
    const uint64_t concurrent = std::strtoull(argv[1], nullptr, 10);
    const uint64_t wanted = std::strtoull(argv[2], nullptr, 10);

    sockaddr_in address;
    const int listener = Listen(&address);
    std::vector<int> clients(concurrent);
    std::vector<int> servers(concurrent);
    char text[kBytes];
    char buffer[4096];
    std::memset(text, 'x', sizeof text);
    uint64_t connections = 0;
    uint64_t bytes = 0;

    const Clock::time_point start = Clock::now();
    while (connections < wanted)
    {
        for (uint64_t i = 0; i < concurrent; ++i)
        {
            clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (clients[i] < 0)
                Fail("socket");
            address.sin_addr.s_addr = htonl(Destination(connections + i));
            if (connect(clients[i], reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
                Fail("connect");
        }
        for (uint64_t i = 0; i < concurrent; ++i)
        {
            servers[i] = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (servers[i] < 0)
                Fail("accept");
        }
        for (uint64_t i = 0; i < concurrent; ++i)
        {
            if (send(clients[i], text, kBytes, MSG_NOSIGNAL) != static_cast<ssize_t>(kBytes))
                Fail("send");
            if (close(clients[i]) != 0)
                Fail("close");
        }
        for (uint64_t i = 0; i < concurrent; ++i)
        {
            ssize_t got = 0;
            while ((got = recv(servers[i], buffer, sizeof buffer, 0)) > 0)
                bytes += static_cast<uint64_t>(got);
            if (got < 0)
                Fail("recv");
            if (close(servers[i]) != 0)
                Fail("close");
        }
        connections += concurrent;
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    std::printf("{\"connectionsPerSecond\":%.1f,\"connections\":%llu,\"bytes\":%llu}\n",
                static_cast<double>(connections) / took.count(),
                static_cast<unsigned long long>(connections),
                static_cast<unsigned long long>(bytes));
    close(listener);
    return 0;
}
