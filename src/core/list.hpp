#pragma once

namespace sluice {

/// A place in an intrusive doubly linked list. Unlinks itself when it is destroyed, so whoever owns the object that
/// derives from it cancels what the list would have done with it. Not copyable, not movable. One shard only.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  void unlink() noexcept {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }
  [[nodiscard]] bool linked() const noexcept { return next_ != nullptr; }

 private:
  template <class T>
  friend class List;

  ListNode* next_ = nullptr;
  ListNode* prev_ = nullptr;
};

/// A list of objects that derive from ListNode; it owns none of them. What is still in it when it is destroyed is
/// unlinked, not destroyed.
template <class T>
class List {
 public:
  List() noexcept { head_.next_ = head_.prev_ = &head_; }
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List() {
    while (pop_front() != nullptr) {
    }
    head_.next_ = head_.prev_ = nullptr;
  }

  /// Moves `node` to the end of this list, out of any other.
  void push_back(T& node) noexcept {
    ListNode& n = node;
    n.unlink();
    n.prev_ = head_.prev_;
    n.next_ = &head_;
    head_.prev_->next_ = &n;
    head_.prev_ = &n;
  }
  T* front() const noexcept { return empty() ? nullptr : static_cast<T*>(head_.next_); }
  T* pop_front() noexcept {
    T* first = front();
    if (first != nullptr) static_cast<ListNode*>(first)->unlink();
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }

  /// Moves everything in `other` to the end of this list; constant time.
  void splice(List& other) noexcept {
    if (other.empty()) return;
    other.head_.next_->prev_ = head_.prev_;
    head_.prev_->next_ = other.head_.next_;
    other.head_.prev_->next_ = &head_;
    head_.prev_ = other.head_.prev_;
    other.head_.next_ = other.head_.prev_ = &other.head_;
  }

 private:
  ListNode head_;
};

}  // namespace sluice
